/** What a tenant has spent and holds, and whether a run still fits. Zod-free. All amounts are integers of 1/10,000. */
import { formatAmount, inUnits } from './amount.ts';
import type { Config } from './config.ts';
import { isoTime } from './iso-time.ts';
import type { JsonObject } from './json.ts';

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

/** What a skill is told of how much it may use. */
export type ModelTier = 'standard' | 'cheap';

export interface PricedStep {
  readonly number: number;
  /** The manifest's own cost; absent where the model's counts. */
  readonly cost?: number;
}

/** What a run holds between claim and settle. */
export type Reservation = {
  /** UTC day of the claim, `YYYY-MM-DD`: where it is charged, whenever that is. */
  readonly day: string;
  /** Unix milliseconds; later, whoever needs the room may ask whether the run still lives. */
  readonly leaseUntil: number;
  readonly tier: ModelTier;
  /** For all steps together. */
  readonly amount: number;
  /** Costs of single steps by their number, where they differ from the tier's. */
  readonly costs?: Readonly<Record<string, number>>;
  /** Cost of every other step. */
  readonly stepCost: number;
};

export type Budget = {
  /** Charged amounts by UTC day (`YYYY-MM-DD`) and month (`YYYY-MM`). */
  readonly spent: Readonly<Record<string, number>>;
  /** By the key of the claim. */
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

/** One window as it stands. */
export interface WindowState {
  readonly limit: number;
  readonly spent: number;
  readonly reserved: number;
  /** Never below 0, also where the limit was lowered under what is spent. */
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

/** Whether all steps together fit now, and what they would hold; nothing is taken yet. */
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

/** Of a step without a cost of its own. */
export function stepCostOf(tier: ModelTier, settings: BudgetSettings): number {
  return tier === 'cheap' ? settings.modelCheapCost : settings.modelStandardCost;
}

/** `stepCost` is what a step costs that has no cost of its own. */
export function costOf(steps: readonly PricedStep[], stepCost: number): number {
  return steps.reduce((sum, { cost = stepCost }) => sum + cost, 0);
}

/** Longer than any month: what is held since before then counts in no window any more. */
const FORGOTTEN_MS = 32 * 24 * 60 * 60 * 1000;

/** Also forgets what was held so long ago that it has no effect. */
export function reserve(budget: Budget, key: string, reservation: Reservation): Budget {
  const held = Object.entries(budget.reservations);
  const oldest = reservation.leaseUntil - FORGOTTEN_MS;
  const kept = held.filter(([, { leaseUntil }]) => leaseUntil > oldest);
  return { ...budget, reservations: Object.fromEntries([...kept, [key, reservation]]) };
}

/** Charges the steps that succeeded in the window of the claim and lets the rest go; an unknown key changes nothing. */
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

/** Lets go of what these keys hold. */
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

/** How many days and how many months are kept: workers’ clocks may stand on both sides of midnight. */
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
    message: `Over the limit of ${formatAmount(limit)} a request: ${formatAmount(needed)} needed`,
    details: { limit: inUnits(limit), needed: inUnits(needed) },
  };
}

function overWindow(window: 'daily' | 'monthly', state: WindowState, needed: number): BudgetVerdict {
  const { limit, spent, reserved } = state;
  return {
    kind: 'deny',
    policy: `${window}_limit_exceeded`,
    message:
      `Over the ${window} limit of ${formatAmount(limit)}: ` +
      `${formatAmount(spent)} spent, ${formatAmount(reserved)} reserved, ${formatAmount(needed)} needed`,
    details: {
      limit: inUnits(limit),
      spent: inUnits(spent),
      reserved: inUnits(reserved),
      needed: inUnits(needed),
    },
  };
}
