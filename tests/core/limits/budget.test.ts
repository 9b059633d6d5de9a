import { budgetState, charge, costOf, priceRun, refund, reserve } from '../../../core/limits/budget.ts';
import type { Budget, BudgetSettings, PricedStep } from '../../../core/limits/budget.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const SETTINGS: BudgetSettings = {
  budgetPerRequest: 50_000,
  budgetDaily: 500_000,
  budgetMonthly: 2_000_000,
  budgetLowRemaining: 100_000,
  budgetLeaseSeconds: 60,
  modelStandardCost: 10_000,
  modelCheapCost: 5000,
};
const EMPTY: Budget = { spent: {}, reservations: {} };

const price = (
  budget: Budget,
  steps: readonly PricedStep[],
  more: Partial<BudgetSettings> = {},
  now = NOON,
) => priceRun(budget, { steps, now }, { ...SETTINGS, ...more });

/** The budget with a run that holds what its steps cost. */
function reserved(budget: Budget, key: string, steps: readonly PricedStep[], now = NOON): Budget {
  const verdict = price(budget, steps, {}, now);
  if (verdict.kind === 'deny') throw new Error(verdict.message);
  return reserve(budget, key, verdict.reservation);
}

describe('priceRun', () => {
  test.each<[string, readonly PricedStep[], number]>([
    ['a step by its model', [{ number: 1 }], 10_000],
    ['a step by its manifest', [{ number: 1, cost: 123 }], 123],
    ['a free step', [{ number: 1, cost: 0 }], 0],
    ['all steps together', [{ number: 1 }, { number: 2, cost: 1 }, { number: 3 }], 20_001],
    ['as much as one request may cost', [{ number: 1, cost: 50_000 }], 50_000],
  ])('prices %s', (_, steps, amount) => {
    expect(price(EMPTY, steps)).toMatchObject({ kind: 'allow', reservation: { amount, tier: 'standard' } });
  });

  test('keeps the day of the claim and the end of its lease', () => {
    expect(price(EMPTY, [{ number: 1 }])).toEqual({
      kind: 'allow',
      reservation: {
        day: '2026-11-22',
        leaseUntil: NOON + 60_000,
        tier: 'standard',
        amount: 10_000,
        stepCost: 10_000,
      },
    });
  });

  test.each<[string, Budget, number, Partial<BudgetSettings>, object]>([
    [
      'over the limit of a request',
      EMPTY,
      50_001,
      {},
      {
        policy: 'per_request_limit_exceeded',
        message: 'Over SKILLOS_BUDGET_PER_REQUEST, 5 per request: 5.0001 needed',
        details: { limit: 5, needed: 5.0001 },
      },
    ],
    [
      'over the day',
      reserved({ ...EMPTY, spent: { '2026-11-22': 480_000, '2026-11': 480_000 } }, 'r', [{ number: 1 }]),
      20_000,
      {},
      {
        policy: 'daily_limit_exceeded',
        message: 'Over SKILLOS_BUDGET_DAILY, 50 per day: 48 spent, 0.5 reserved, 2 needed',
        details: { limit: 50, spent: 48, reserved: 0.5, needed: 2 },
      },
    ],
    [
      'over the month',
      { ...EMPTY, spent: { '2026-11-21': 1, '2026-11': 1_999_000 } },
      1001,
      {},
      {
        policy: 'monthly_limit_exceeded',
        message: 'Over SKILLOS_BUDGET_MONTHLY, 200 per month: 199.9 spent, 0 reserved, 0.1001 needed',
      },
    ],
    [
      'over a limit that was lowered under what is spent',
      { ...EMPTY, spent: { '2026-11-22': 480_000, '2026-11': 480_000 } },
      1,
      { budgetDaily: 10_000 },
      { policy: 'daily_limit_exceeded', details: { limit: 1, spent: 48, reserved: 0, needed: 0.0001 } },
    ],
  ])('denies what is %s', (_, budget, cost, settings, denial) => {
    expect(price(budget, [{ number: 1, cost }], settings)).toMatchObject({ kind: 'deny', ...denial });
  });

  test('allows free steps when no budget remains', () => {
    const spent = { '2026-11-22': 600_000, '2026-11': 600_000 };
    expect(price({ ...EMPTY, spent }, [{ number: 1, cost: 0 }]).kind).toBe('allow');
  });

  test('takes the cheap tier once no more than the low mark remains, reservations counted', () => {
    const spent = { '2026-11-22': 390_000, '2026-11': 390_000 };
    const before = price({ ...EMPTY, spent }, [{ number: 1 }]);
    expect(before).toMatchObject({ reservation: { tier: 'standard', amount: 10_000 } });
    const held = reserved({ ...EMPTY, spent }, 'r', [{ number: 1 }]);
    expect(price(held, [{ number: 1 }, { number: 2, cost: 7 }])).toMatchObject({
      reservation: { tier: 'cheap', amount: 5007, stepCost: 5000 },
    });
  });

  test('has room for 40 requests in the standard and 20 in the cheap tier a day', () => {
    let budget = EMPTY;
    const tiers: string[] = [];
    for (let request = 0; ; request++) {
      const verdict = price(budget, [{ number: 1 }]);
      if (verdict.kind === 'deny') break;
      tiers.push(verdict.reservation.tier);
      budget = charge(reserve(budget, String(request), verdict.reservation), String(request), [1]);
    }
    expect(tiers).toEqual([...Array(40).fill('standard'), ...Array(20).fill('cheap')]);
    expect(budget).toEqual({ spent: { '2026-11-22': 500_000, '2026-11': 500_000 }, reservations: {} });
  });
});

describe('reserve', () => {
  test('removes reservations older than a month', () => {
    const day = 86_400_000;
    const old = reserved(EMPTY, 'old', [{ number: 1 }], NOON - 32 * day);
    const both = reserved(old, 'month', [{ number: 1 }], NOON - 31 * day);
    expect(Object.keys(reserved(both, 'new', [{ number: 1 }]).reservations)).toEqual(['month', 'new']);
  });
});

describe('costOf', () => {
  test('adds up own costs and the cost of a step', () => {
    expect(costOf([{ number: 1 }, { number: 2, cost: 0 }, { number: 3, cost: 5 }], 10)).toBe(15);
  });
});

describe('charge', () => {
  const steps: readonly PricedStep[] = [{ number: 1 }, { number: 2, cost: 7 }, { number: 3, cost: 10_000 }];

  test.each<[readonly number[], number]>([
    [[1, 2, 3], 20_007],
    [[1], 10_000],
    [[2], 7],
    [[2, 2, 2], 7],
    [[1, 2, 3, 4, 5, 6], 20_007],
  ])('charges steps %j and lets the rest go', (succeeded, amount) => {
    const settled = charge(reserved(EMPTY, 'r', steps), 'r', succeeded);
    expect(settled).toEqual({ spent: { '2026-11-22': amount, '2026-11': amount }, reservations: {} });
  });

  test('charges nothing if no step succeeded', () => {
    expect(charge(reserved(EMPTY, 'r', steps), 'r', [])).toEqual(EMPTY);
  });

  test('changes nothing for a key that holds nothing', () => {
    const budget = reserved(EMPTY, 'r', steps);
    expect(charge(budget, 'other', [1])).toBe(budget);
  });

  test('charges the day and month of the claim, and forgets all but the last two of each', () => {
    const claimed = reserved(
      {
        spent: {
          '2026-10-30': 1,
          '2026-10-31': 2,
          '2026-11-01': 3,
          '2026-09': 4,
          '2026-10': 5,
          '2026-11': 6,
        },
        reservations: {},
      },
      'r',
      [{ number: 1 }],
      Date.parse('2026-10-31T23:59:59.999Z'),
    );
    expect(charge(claimed, 'r', [1]).spent).toEqual({
      '2026-10-31': 10_002,
      '2026-11-01': 3,
      '2026-10': 10_005,
      '2026-11': 6,
    });
  });
});

describe('refund', () => {
  test('removes the reservations of the keys', () => {
    const budget = reserved(reserved(EMPTY, 'a', [{ number: 1 }]), 'b', [{ number: 1 }]);
    expect(Object.keys(refund(budget, ['a', 'c']).reservations)).toEqual(['b']);
    expect(refund(budget, ['c'])).toBe(budget);
  });
});

describe('budgetState', () => {
  test('counts a reservation in its own day and month', () => {
    const yesterday = reserved(EMPTY, 'y', [{ number: 1 }], NOON - 86_400_000);
    const state = budgetState(reserved(yesterday, 't', [{ number: 1, cost: 7 }]), NOON, SETTINGS);
    expect(state).toEqual({
      daily: { limit: 500_000, spent: 0, reserved: 7, remaining: 499_993 },
      monthly: { limit: 2_000_000, spent: 0, reserved: 10_007, remaining: 1_989_993 },
      tier: 'standard',
    });
  });
});
