/** What bounds the runs of a tenant, budget and circuits, in one document: claimed before the first step, settled after the last. */
import { budgetState, charge, priceRun, refund, reserve } from './budget.ts';
import type { BudgetSettings, BudgetState, ModelTier, PricedStep, Reservation } from './budget.ts';
import { admit, afterOutcome, circuitStatus, isForgotten, openUntil, withoutProbes } from './circuit.ts';
import type { Circuit, CircuitSettings, CircuitStatus, StepOutcome } from './circuit.ts';
import type { JsonObject } from './json.ts';

/** Kind of the document; its key is the tenant. */
export const LIMITS_KIND = 'limits';

export type LimitSettings = BudgetSettings & CircuitSettings;

export type Limits = {
  readonly spent: Readonly<Record<string, number>>;
  readonly reservations: Readonly<Record<string, Reservation>>;
  /** By skill; those with nothing to remember are absent. */
  readonly circuits: Readonly<Record<string, Circuit>>;
};

export interface LimitsClaim {
  /** Of the run and its execution: a reset claims anew. */
  readonly key: string;
  readonly steps: readonly (PricedStep & { readonly skill: string })[];
  /** Unix milliseconds. */
  readonly now: number;
  readonly settings: LimitSettings;
}

export type LimitsVerdict =
  | {
      readonly kind: 'allow';
      readonly tier: ModelTier;
      /** For all steps together, in 1/10,000. */
      readonly amount: number;
      /** Of a step without a cost of its own. */
      readonly stepCost: number;
    }
  | {
      readonly kind: 'deny';
      readonly reason: 'budget_exceeded' | 'circuit_open';
      readonly policy: string;
      readonly message: string;
      readonly details: JsonObject;
    };

export interface LimitsSettlement {
  readonly key: string;
  /** Numbers of the steps that are charged. */
  readonly succeeded: readonly number[];
  /** How each skill fared whose steps say something of it. */
  readonly circuit: readonly { readonly skill: string; readonly outcome: StepOutcome }[];
  readonly now: number;
  readonly settings: LimitSettings;
}

const NOTHING: Limits = { spent: {}, reservations: {}, circuits: {} };

/**
 * Takes room for a whole plan or nothing of it. The same key again gets the answer it got, and `limits` is the same
 * object; so it is where the verdict is to deny.
 */
export function claimLimits(
  current: Limits | undefined,
  claim: LimitsClaim,
): { readonly limits: Limits | undefined; readonly verdict: LimitsVerdict } {
  const limits = current ?? NOTHING;
  const held = limits.reservations[claim.key];
  if (held !== undefined) return { limits: current, verdict: allow(held) };
  const circuits = admitAll(limits, claim);
  if ('kind' in circuits) return { limits: current, verdict: circuits };
  const price = priceRun(limits, claim, claim.settings);
  if (price.kind === 'deny') return { limits: current, verdict: { reason: 'budget_exceeded', ...price } };
  const claimed = {
    ...limits,
    ...reserve(limits, claim.key, price.reservation),
    circuits: circuits.admitted,
  };
  return { limits: claimed, verdict: allow(price.reservation) };
}

/** What a claim would be told now; takes nothing. */
export function forecastLimits(current: Limits | undefined, claim: LimitsClaim): LimitsVerdict {
  return claimLimits(current, claim).verdict;
}

/** Charges what succeeded, lets the rest go and notes how the skills fared; a key that holds nothing changes nothing. */
export function settleLimits(
  current: Limits | undefined,
  { key, succeeded, circuit, now, settings }: LimitsSettlement,
): Limits | undefined {
  if (current?.reservations[key] === undefined) return current;
  const circuits = new Map(Object.entries(withoutProbesOf(current, [key]).circuits));
  for (const { skill, outcome } of circuit) {
    const after = afterOutcome(circuits.get(skill), outcome, { now, settings });
    if (after === undefined) circuits.delete(skill);
    else circuits.set(skill, after);
  }
  const remembered = [...circuits].filter(([, entry]) => !isForgotten(entry, now, settings));
  return { ...current, ...charge(current, key, succeeded), circuits: Object.fromEntries(remembered) };
}

/** The circuits that a change has opened, or opened again. */
export function newlyOpen(
  before: Limits | undefined,
  after: Limits | undefined,
): readonly { readonly skill: string; readonly failures: number }[] {
  return Object.entries(after?.circuits ?? {})
    .filter(([skill, { openedAt }]) => openedAt !== before?.circuits[skill]?.openedAt)
    .map(([skill, { failures }]) => ({ skill, failures }));
}

/** Keys whose lease is over: whoever needs the room asks whether their runs still live. */
export function releasable(current: Limits | undefined, now: number): readonly string[] {
  return Object.entries(current?.reservations ?? {})
    .filter(([, { leaseUntil }]) => leaseUntil <= now)
    .map(([key]) => key);
}

/** Takes back what runs hold that are gone. */
export function releaseLimits(current: Limits | undefined, keys: readonly string[]): Limits | undefined {
  if (current === undefined || refund(current, keys) === current) return current;
  return withoutProbesOf({ ...current, ...refund(current, keys) }, keys);
}

/** Takes back what earlier executions of a run hold, whose keys begin alike: a reset has ended them. */
export function releaseEarlier(
  current: Limits | undefined,
  { prefix, key }: { readonly prefix: string; readonly key: string },
): Limits | undefined {
  const held = Object.keys(current?.reservations ?? {});
  return releaseLimits(
    current,
    held.filter((other) => other !== key && other.startsWith(prefix)),
  );
}

/** Runs that were found alive are not asked after again before another lease is over. */
export function renewLimits(
  current: Limits | undefined,
  keys: readonly string[],
  until: number,
): Limits | undefined {
  const held = Object.entries(current?.reservations ?? {}).filter(([key]) => keys.includes(key));
  if (current === undefined || held.length === 0) return current;
  const renewed = held.map(([key, reservation]) => [key, { ...reservation, leaseUntil: until }] as const);
  return { ...current, reservations: { ...current.reservations, ...Object.fromEntries(renewed) } };
}

/** Forgets the failures of a skill. */
export function resetCircuit(current: Limits | undefined, skill: string): Limits | undefined {
  if (current === undefined || !Object.hasOwn(current.circuits, skill)) return current;
  const kept = Object.entries(current.circuits).filter(([id]) => id !== skill);
  return { ...current, circuits: Object.fromEntries(kept) };
}

export function budgetOf(current: Limits | undefined, now: number, settings: LimitSettings): BudgetState {
  return budgetState(current ?? NOTHING, now, settings);
}

export interface CircuitState {
  readonly skill: string;
  readonly status: CircuitStatus;
  readonly circuit: Circuit;
  /** From when on runs are let through again; of one that opened. */
  readonly retryAt?: number;
}

/** The circuits of skills that failed of late, by skill. */
export function circuitsOf(
  current: Limits | undefined,
  now: number,
  settings: LimitSettings,
): readonly CircuitState[] {
  return Object.entries((current ?? NOTHING).circuits)
    .filter(([, circuit]) => !isForgotten(circuit, now, settings))
    .map(([skill, circuit]) => stateOf(skill, circuit, { now, settings }))
    .sort((a, b) => (a.skill < b.skill ? -1 : 1));
}

function stateOf(
  skill: string,
  circuit: Circuit,
  { now, settings }: { readonly now: number; readonly settings: LimitSettings },
): CircuitState {
  const { openedAt } = circuit;
  const status = circuitStatus(circuit, now, settings);
  return {
    skill,
    status,
    circuit,
    ...(openedAt === undefined ? {} : { retryAt: openUntil(openedAt, settings) }),
  };
}

function allow({ tier, amount, stepCost }: Reservation): LimitsVerdict {
  return { kind: 'allow', tier, amount, stepCost };
}

type Denied = Extract<LimitsVerdict, { kind: 'deny' }>;

/** The circuits with this claim's probes, or the first that refuses. */
function admitAll(
  { circuits }: Limits,
  { key, steps, now, settings }: LimitsClaim,
): { readonly admitted: Limits['circuits'] } | Denied {
  const admitted = new Map(Object.entries(circuits));
  for (const { skill } of steps) {
    const circuit = admitted.get(skill);
    if (circuit?.probes !== undefined && Object.hasOwn(circuit.probes, key)) continue;
    const admission = admit(circuit, { key, now }, settings);
    if (admission.kind === 'deny') return circuitDenial(skill, admission.retryAt - now);
    if (admission.circuit !== undefined) admitted.set(skill, admission.circuit);
  }
  return { admitted: Object.fromEntries(admitted) };
}

function circuitDenial(skill: string, waitMs: number): Denied {
  const seconds = Math.ceil(waitMs / 1000);
  return {
    kind: 'deny',
    reason: 'circuit_open',
    policy: 'circuit_breaker',
    message: `Skill "${skill}" failed repeatedly: its circuit is open for ${seconds} s`,
    details: { skill, retry_after_seconds: seconds },
  };
}

function withoutProbesOf(limits: Limits, keys: readonly string[]): Limits {
  const circuits = Object.entries(limits.circuits).map(
    ([skill, circuit]) => [skill, withoutProbes(circuit, keys)] as const,
  );
  return { ...limits, circuits: Object.fromEntries(circuits) };
}
