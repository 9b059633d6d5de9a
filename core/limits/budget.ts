/** The budget of a tenant: spent and reserved amounts. Without zod. All amounts are integers of 1/10,000. */
import { formatAmount, inUnits } from '../values/amount.ts';
import type { Config } from '../settings/config.ts';
import { isoTime } from '../values/iso-time.ts';
import type { JsonObject } from '../json.ts';

export type BudgetSettings = Pick<
  Config,
  | 'budgetPerRequest'
  | 'budgetDaily'
  | 'budgetMonthly'
  | 'budgetLowRemaining'
  | 'budgetLeaseSeconds'
  | 'modelStandardCost'
  | 'modelCheapCost'
>;

/** The model tier that a skill gets in its context. */
export type ModelTier = 'standard' | 'cheap';

export interface PricedStep {
  readonly number: number;
  /** Cost in the manifest; absent if the cost of the tier applies. */
  readonly cost?: number;
}

/** The amount that a run reserves between claim and settlement. */
export type Reservation = {
  /** UTC day of the claim, `YYYY-MM-DD`; the run is charged to this day even if it ends later. */
  readonly day: string;
  /** Unix milliseconds; after this time another claim may check if the run has ended and release the reservation. */
  readonly leaseUntil: number;
  readonly tier: ModelTier;
  /** Sum for all steps. */
  readonly amount: number;
  /** Costs of steps by number, if they differ from `stepCost`. */
  readonly costs?: Readonly<Record<string, number>>;
  /** Cost of all other steps. */
  readonly stepCost: number;
};

export type Budget = {
  /** Charged amounts by UTC day (`YYYY-MM-DD`) and month (`YYYY-MM`). */
  readonly spent: Readonly<Record<string, number>>;
  /** By claim key. */
  readonly reservations: Readonly<Record<string, Reservation>>;
};

type BudgetPolicy = 'per_request_limit_exceeded' | 'daily_limit_exceeded' | 'monthly_limit_exceeded';

export type BudgetVerdict =
  | { readonly kind: 'allow'; readonly reservation: Reservation }
  | {
      readonly kind: 'deny';
      readonly policy: BudgetPolicy;
      readonly message: string;
      readonly details: JsonObject;
    };

/** The state of the day or of the month. */
export interface WindowState {
  readonly limit: number;
  readonly spent: number;
  readonly reserved: number;
  /** At least 0, even if the limit was lowered below the spent amount. */
  readonly remaining: number;
}

export interface BudgetState {
  readonly daily: WindowState;
  readonly monthly: WindowState;
  readonly tier: ModelTier;
}

export function budgetState(budget: Budget, now: number, settings: BudgetSettings): BudgetState {
  const day = dayOf(now);
  const daily = windowState(budget, day, settings.budgetDaily);
  const monthly = windowState(budget, monthOf(day), settings.budgetMonthly);
  const isLow = Math.min(daily.remaining, monthly.remaining) <= settings.budgetLowRemaining;
  return { daily, monthly, tier: isLow ? 'cheap' : 'standard' };
}

/** Checks if all steps together fit into the budget, and returns their reservation. Reserves nothing. */
export function priceRun(
  budget: Budget,
  claim: { readonly steps: readonly PricedStep[]; readonly now: number },
  settings: BudgetSettings,
): BudgetVerdict {
  const { daily, monthly, tier } = budgetState(budget, claim.now, settings);
  const stepCost = stepCostOf(tier, settings);
  const amount = costOf(claim.steps, stepCost);
  if (amount > settings.budgetPerRequest) return overRequest(settings.budgetPerRequest, amount);
  if (amount > daily.remaining) return overWindow('daily', daily, amount);
  if (amount > monthly.remaining) return overWindow('monthly', monthly, amount);
  const own = claim.steps.filter(({ cost = stepCost }) => cost !== stepCost);
  const costs = Object.fromEntries(own.map(({ number, cost }) => [String(number), cost as number]));
  const reservation: Reservation = {
    day: dayOf(claim.now),
    leaseUntil: claim.now + settings.budgetLeaseSeconds * 1000,
    tier,
    amount,
    stepCost,
    ...(own.length === 0 ? {} : { costs }),
  };
  return { kind: 'allow', reservation };
}

/** Cost of a step without a cost in its manifest. */
export function stepCostOf(tier: ModelTier, settings: BudgetSettings): number {
  return tier === 'cheap' ? settings.modelCheapCost : settings.modelStandardCost;
}

/** Sum of the costs; `stepCost` applies to steps without a cost. */
export function costOf(steps: readonly PricedStep[], stepCost: number): number {
  return steps.reduce((sum, { cost = stepCost }) => sum + cost, 0);
}

/** Longer than any month: an older reservation counts in no current window. */
const FORGOTTEN_MS = 32 * 24 * 60 * 60 * 1000;

/** Adds a reservation and removes those that are too old to count. */
export function reserve(budget: Budget, key: string, reservation: Reservation): Budget {
  const held = Object.entries(budget.reservations);
  const oldest = reservation.leaseUntil - FORGOTTEN_MS;
  const kept = held.filter(([, { leaseUntil }]) => leaseUntil > oldest);
  return { ...budget, reservations: Object.fromEntries([...kept, [key, reservation]]) };
}

/** Charges the succeeded steps to the day and month of the claim and removes the reservation. Ignores an unknown key. */
export function charge(budget: Budget, key: string, succeeded: readonly number[]): Budget {
  const reservation = budget.reservations[key];
  if (reservation === undefined) return budget;
  const { day, amount, costs, stepCost } = reservation;
  const used = [...new Set(succeeded)].reduce((sum, step) => sum + (costs?.[step] ?? stepCost), 0);
  const charged = Math.min(used, amount);
  const spent = { ...budget.spent };
  for (const window of charged === 0 ? [] : [day, monthOf(day)]) {
    spent[window] = (spent[window] ?? 0) + charged;
  }
  const released = refund(budget, [key]);
  return { ...released, spent: pruned(spent) };
}

/** Removes the reservations of these keys. */
export function refund(budget: Budget, keys: readonly string[]): Budget {
  if (!keys.some((key) => Object.hasOwn(budget.reservations, key))) return budget;
  const kept = Object.entries(budget.reservations).filter(([key]) => !keys.includes(key));
  return { ...budget, reservations: Object.fromEntries(kept) };
}

/** UTC, `YYYY-MM-DD`. */
function dayOf(now: number): string {
  return isoTime(now).slice(0, 'YYYY-MM-DD'.length);
}

function monthOf(day: string): string {
  return day.slice(0, 'YYYY-MM'.length);
}

function windowState(budget: Budget, window: string, limit: number): WindowState {
  const spent = budget.spent[window] ?? 0;
  const reserved = Object.values(budget.reservations)
    .filter(({ day }) => day.startsWith(window))
    .reduce((sum, { amount }) => sum + amount, 0);
  return { limit, spent, reserved, remaining: Math.max(0, limit - spent - reserved) };
}

/** Days, and months, that are kept: the clocks of workers may differ around midnight. */
const KEPT_WINDOWS = 2;

function pruned(spent: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const windows = Object.keys(spent).sort();
  const isDay = (window: string): boolean => window.length > 'YYYY-MM'.length;
  const kept = [
    ...windows.filter(isDay).slice(-KEPT_WINDOWS),
    ...windows.filter((window) => !isDay(window)).slice(-KEPT_WINDOWS),
  ];
  return Object.fromEntries(kept.map((window) => [window, spent[window] as number]));
}

function overRequest(limit: number, needed: number): BudgetVerdict {
  return {
    kind: 'deny',
    policy: 'per_request_limit_exceeded',
    message: `Over SKILLOS_BUDGET_PER_REQUEST, ${formatAmount(limit)} per request: ${formatAmount(needed)} needed`,
    details: { limit: inUnits(limit), needed: inUnits(needed) },
  };
}

const PERIODS = { daily: 'day', monthly: 'month' } as const;

function overWindow(window: 'daily' | 'monthly', state: WindowState, needed: number): BudgetVerdict {
  const { limit, spent, reserved } = state;
  return {
    kind: 'deny',
    policy: `${window}_limit_exceeded`,
    message:
      `Over SKILLOS_BUDGET_${window.toUpperCase()}, ${formatAmount(limit)} per ${PERIODS[window]}: ` +
      `${formatAmount(spent)} spent, ${formatAmount(reserved)} reserved, ${formatAmount(needed)} needed`,
    details: {
      limit: inUnits(limit),
      spent: inUnits(spent),
      reserved: inUnits(reserved),
      needed: inUnits(needed),
    },
  };
}
