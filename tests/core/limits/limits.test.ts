import * as fc from 'fast-check';
import {
  budgetOf,
  circuitsOf,
  claimLimits,
  forecastLimits,
  newlyOpen,
  releasable,
  releaseEarlier,
  releaseLimits,
  renewLimits,
  resetCircuit,
  settleLimits,
} from '../../../core/limits/limits.ts';
import type { LimitSettings, Limits, LimitsClaim } from '../../../core/limits/limits.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const SETTINGS: LimitSettings = {
  budgetPerRequest: 50_000,
  budgetDaily: 100_000,
  budgetMonthly: 200_000,
  budgetLowRemaining: 0,
  budgetLeaseSeconds: 60,
  modelStandardCost: 10_000,
  modelCheapCost: 5000,
  circuitFailureThreshold: 2,
  circuitWindowSeconds: 100,
  circuitOpenSeconds: 10,
  circuitHalfOpenMax: 1,
};

const aClaim = (more: Partial<LimitsClaim> = {}): LimitsClaim => ({
  key: 'run',
  steps: [{ number: 1, skill: 'a/b' }],
  now: NOON,
  settings: SETTINGS,
  ...more,
});

function claimed(current: Limits | undefined, more: Partial<LimitsClaim> = {}): Limits {
  const { limits, verdict } = claimLimits(current, aClaim(more));
  if (limits === undefined || verdict.kind === 'deny') throw new Error(JSON.stringify(verdict));
  return limits;
}

/** What becomes of a run of `a/b` that ends at once. */
function ran(current: Limits | undefined, outcome: 'success' | 'failure', now = NOON): Limits {
  const end = { key: 'run', succeeded: outcome === 'success' ? [1] : [], now, settings: SETTINGS };
  return settleLimits(claimed(current, { now }), { ...end, circuit: [{ skill: 'a/b', outcome }] }) as Limits;
}

const opened = ran(ran(undefined, 'failure'), 'failure');

describe('claimLimits', () => {
  test('takes room for the whole plan', () => {
    const { limits, verdict } = claimLimits(undefined, aClaim());
    expect(verdict).toEqual({ kind: 'allow', tier: 'standard', amount: 10_000, stepCost: 10_000 });
    expect(limits).toMatchObject({ spent: {}, reservations: { run: { amount: 10_000 } }, circuits: {} });
  });

  test('gives the same key its answer again and changes nothing', () => {
    const limits = claimed(undefined);
    const again = claimLimits(limits, aClaim({ steps: [], now: NOON + 999_999 }));
    expect(again.limits).toBe(limits);
    expect(again.verdict).toEqual({ kind: 'allow', tier: 'standard', amount: 10_000, stepCost: 10_000 });
  });

  test('takes nothing of a plan that does not fit', () => {
    const steps = Array.from({ length: 6 }, (_, index) => ({ number: index + 1, skill: 'a/b' }));
    const { limits, verdict } = claimLimits(undefined, aClaim({ steps }));
    expect(limits).toBeUndefined();
    expect(verdict).toMatchObject({
      kind: 'deny',
      reason: 'budget_exceeded',
      policy: 'per_request_limit_exceeded',
    });
  });

  test('refuses any plan with a skill whose circuit is open', () => {
    const steps = [
      { number: 1, skill: 'c/d' },
      { number: 2, skill: 'a/b' },
    ];
    const answer = claimLimits(opened, aClaim({ steps, now: NOON + 1 }));
    expect(answer.limits).toBe(opened);
    expect(answer.verdict).toEqual({
      kind: 'deny',
      reason: 'circuit_open',
      policy: 'circuit_breaker',
      message: 'Skill "a/b" failed repeatedly: its circuit is open for 10 s',
      details: { skill: 'a/b', retry_after_seconds: 10 },
    });
  });

  test('admits one probe per run, even if the plan has the skill twice', () => {
    const steps = [
      { number: 1, skill: 'a/b' },
      { number: 2, skill: 'a/b' },
    ];
    const half = claimed(opened, { steps, now: NOON + 10_000 });
    expect(half.circuits['a/b']?.probes).toEqual({ run: NOON + 10_000 });
    expect(claimLimits(half, aClaim({ key: 'other', now: NOON + 10_001 })).verdict.kind).toBe('deny');
  });

  test('keeps no probe if the budget denies the run', () => {
    const steps = [{ number: 1, skill: 'a/b', cost: 50_001 }];
    const answer = claimLimits(opened, aClaim({ steps, now: NOON + 10_000 }));
    expect(answer.limits).toBe(opened);
    expect(answer.verdict).toMatchObject({ reason: 'budget_exceeded' });
  });
});

describe('forecastLimits', () => {
  test('returns the verdict of a claim', () => {
    expect(forecastLimits(opened, aClaim())).toMatchObject({ kind: 'deny', reason: 'circuit_open' });
    expect(forecastLimits(undefined, aClaim())).toMatchObject({ kind: 'allow', amount: 10_000 });
  });
});

describe('settleLimits', () => {
  test('charges once, however often it is called', () => {
    const once = ran(undefined, 'success');
    expect(once).toEqual({
      spent: { '2026-11-22': 10_000, '2026-11': 10_000 },
      reservations: {},
      circuits: {},
    });
    const again = { key: 'run', succeeded: [1], circuit: [], now: NOON, settings: SETTINGS };
    expect(settleLimits(once, again)).toBe(once);
    expect(settleLimits(undefined, again)).toBeUndefined();
  });

  test('counts failures until a success', () => {
    expect(ran(undefined, 'failure').circuits).toEqual({ 'a/b': { failures: 1, lastFailureAt: NOON } });
    expect(ran(ran(undefined, 'failure'), 'success').circuits).toEqual({});
    expect(opened.circuits['a/b']).toMatchObject({ failures: 2, openedAt: NOON });
  });

  test('gives back the probe of a run that never came to the skill', () => {
    const half = claimed(opened, { now: NOON + 10_000 });
    const settled = settleLimits(half, {
      key: 'run',
      succeeded: [],
      circuit: [],
      now: NOON + 10_001,
      settings: SETTINGS,
    });
    expect(settled?.circuits).toEqual(opened.circuits);
  });

  test('closes the circuit by a probe that succeeds', () => {
    expect(ran(opened, 'success', NOON + 10_000).circuits).toEqual({});
  });

  test('forgets failures older than the window', () => {
    const failed = ran(undefined, 'failure');
    const other = claimed(failed, { steps: [{ number: 1, skill: 'c/d' }] });
    const end = { key: 'run', succeeded: [1], circuit: [], now: NOON + 100_001, settings: SETTINGS };
    expect(settleLimits(other, end)?.circuits).toEqual({});
  });
});

describe('releaseLimits', () => {
  test('removes reservation and probes of a run', () => {
    const half = claimed(opened, { now: NOON + 10_000 });
    expect(releaseLimits(half, ['run', 'x'])).toEqual(opened);
    expect(releaseLimits(opened, ['run'])).toBe(opened);
    expect(releaseLimits(undefined, ['run'])).toBeUndefined();
  });
});

describe('releaseEarlier', () => {
  test('removes reservations of other executions of the run', () => {
    const limits = ['a/1', 'a/2', 'ab/1'].reduce<Limits | undefined>(
      (all, key) => claimed(all, { key }),
      undefined,
    );
    const after = releaseEarlier(limits, { prefix: 'a/', key: 'a/2' });
    expect(Object.keys(after?.reservations ?? {})).toEqual(['a/2', 'ab/1']);
    expect(releaseEarlier(after, { prefix: 'a/', key: 'a/2' })).toBe(after);
    expect(releaseEarlier(undefined, { prefix: 'a/', key: 'a/2' })).toBeUndefined();
  });
});

describe('releasable', () => {
  test('names the runs whose lease is over', () => {
    const limits = claimed(claimed(undefined, { key: 'a' }), { key: 'b', now: NOON + 1 });
    expect(releasable(limits, NOON + 59_999)).toEqual([]);
    expect(releasable(limits, NOON + 60_000)).toEqual(['a']);
    expect(releasable(renewLimits(limits, ['a', 'x'], NOON + 90_000), NOON + 60_001)).toEqual(['b']);
    expect(releasable(undefined, NOON)).toEqual([]);
  });
});

describe('renewLimits', () => {
  test('changes nothing without a reservation', () => {
    expect(renewLimits(opened, ['run'], NOON)).toBe(opened);
    expect(renewLimits(undefined, ['run'], NOON)).toBeUndefined();
  });
});

describe('newlyOpen', () => {
  test('names the circuits that a change opened', () => {
    const once = ran(undefined, 'failure');
    expect(newlyOpen(undefined, once)).toEqual([]);
    expect(newlyOpen(once, opened)).toEqual([{ skill: 'a/b', failures: 2 }]);
    expect(newlyOpen(opened, opened)).toEqual([]);
    expect(newlyOpen(opened, ran(opened, 'failure', NOON + 10_000))).toEqual([{ skill: 'a/b', failures: 3 }]);
    expect(newlyOpen(opened, undefined)).toEqual([]);
  });
});

describe('resetCircuit', () => {
  test('forgets the failures of one skill', () => {
    expect(resetCircuit(opened, 'a/b')?.circuits).toEqual({});
    expect(resetCircuit(opened, 'c/d')).toBe(opened);
    expect(resetCircuit(undefined, 'a/b')).toBeUndefined();
  });
});

describe('circuitsOf', () => {
  test('lists skills that failed of late, by name', () => {
    const failed = { failures: 1, lastFailureAt: NOON };
    const circuits = { ...opened.circuits, 'a/a': failed, 'c/d': failed };
    const states = circuitsOf({ ...opened, circuits }, NOON + 10_000, SETTINGS);
    expect(states.map(({ skill, status }) => [skill, status])).toEqual([
      ['a/a', 'closed'],
      ['a/b', 'half_open'],
      ['c/d', 'closed'],
    ]);
    expect(circuitsOf({ ...opened, circuits }, NOON + 100_001, SETTINGS)).toHaveLength(1);
    expect(circuitsOf(undefined, NOON, SETTINGS)).toEqual([]);
  });
});

describe('budgetOf', () => {
  test('is unchanged without a run', () => {
    expect(budgetOf(undefined, NOON, SETTINGS).daily).toEqual({
      limit: 100_000,
      spent: 0,
      reserved: 0,
      remaining: 100_000,
    });
  });
});

/** What may happen to the document of a tenant, by run number. */
type Event =
  | { readonly kind: 'claim'; readonly run: number; readonly costs: readonly (number | null)[] }
  | {
      readonly kind: 'settle';
      readonly run: number;
      readonly succeeded: readonly number[];
      readonly failed: boolean;
    }
  | { readonly kind: 'release'; readonly run: number }
  | { readonly kind: 'wait'; readonly ms: number };

const run = fc.integer({ min: 0, max: 9 });
const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('claim' as const),
        run,
        costs: fc.array(fc.option(fc.integer({ min: 0, max: 30_000 })), { minLength: 1, maxLength: 4 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        run,
        succeeded: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }),
        failed: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), run }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(7_200_000) }) },
  ),
  { maxLength: 60 },
);

describe('limits under any order of claims, settlements and releases', () => {
  const settings: LimitSettings = { ...SETTINGS, budgetLowRemaining: 40_000 };
  const isPositive = (value: number) => value >= 0;

  /** Walks the events on their document and on plain books kept beside it. */
  function walk(all: readonly Event[], check: (limits: Limits | undefined, now: number) => void) {
    let limits: Limits | undefined;
    let now = Date.parse('2026-11-29T22:00:00Z');
    /** What each holding run was told to pay for its steps. */
    const held = new Map<string, readonly number[]>();
    let charged = 0;
    for (const event of all) {
      if (event.kind === 'wait') {
        now += event.ms;
        continue;
      }
      const key = `run-${event.run}`;
      const before = limits;
      if (event.kind === 'claim') {
        const steps = event.costs.map((cost, index) => ({
          number: index + 1,
          skill: 'a/b',
          ...(cost === null ? {} : { cost }),
        }));
        const claim = { key, steps, now, settings };
        const first = claimLimits(limits, claim);
        limits = first.limits;
        const again = claimLimits(limits, claim);
        expect(again).toEqual({ limits, verdict: first.verdict });
        expect(again.limits).toBe(limits);
        if (first.verdict.kind === 'deny') expect(limits).toBe(before);
        else if (!held.has(key)) {
          const { stepCost } = first.verdict;
          held.set(
            key,
            event.costs.map((cost) => cost ?? stepCost),
          );
        }
      } else if (event.kind === 'settle') {
        const costs = held.get(key) ?? [];
        const succeeded = event.succeeded.filter((step) => step <= costs.length);
        const circuit = [
          { skill: 'a/b', outcome: event.failed ? ('failure' as const) : ('success' as const) },
        ];
        const end = { key, succeeded, circuit, now, settings };
        limits = settleLimits(limits, end);
        expect(settleLimits(limits, end)).toBe(limits);
        for (const step of new Set(succeeded)) charged += costs[step - 1] as number;
        held.delete(key);
      } else {
        limits = releaseLimits(limits, [key]);
        expect(releaseLimits(limits, [key])).toBe(limits);
        held.delete(key);
      }
      check(limits, now);
    }
    return { limits, held, charged };
  }

  test('never holds or spends more than a limit, and loses nothing', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { limits, held } = walk(all, (current, now) => {
          const { daily, monthly } = budgetOf(current, now, settings);
          expect(daily.spent + daily.reserved).toBeLessThanOrEqual(daily.limit);
          expect(monthly.spent + monthly.reserved).toBeLessThanOrEqual(monthly.limit);
          expect(Object.values(current?.spent ?? {}).every(isPositive)).toBe(true);
        });
        expect(Object.keys(limits?.reservations ?? {}).sort()).toEqual([...held.keys()].sort());
      }),
      { numRuns: 300 },
    );
  });

  test('charges exactly the steps that succeeded of runs that held them', () => {
    fc.assert(
      fc.property(events, (all) => {
        const inOneMonth = all.filter(({ kind }) => kind !== 'wait');
        const { limits, charged } = walk(inOneMonth, () => undefined);
        expect(limits?.spent['2026-11'] ?? 0).toBe(charged);
        expect(limits?.spent['2026-11-29'] ?? 0).toBe(charged);
      }),
      { numRuns: 300 },
    );
  });

  test('locks no skill out: some time later a run gets through', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { limits } = walk(all, () => undefined);
        const later = Date.parse('2027-03-01T00:00:00Z');
        const verdict = forecastLimits(limits, aClaim({ key: 'later', now: later, settings }));
        expect(verdict.kind).toBe('allow');
      }),
    );
  });
});
