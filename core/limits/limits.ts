/** Budget and circuits of a tenant in one document: claimed before the first step, settled after the last. */
import { budgetState, charge, priceRun, refund, reserve } from './budget.ts';
import type { BudgetSettings, BudgetState, ModelTier, PricedStep, Reservation } from './budget.ts';
import { admit, afterOutcome, circuitStatus, isForgotten, openUntil, withoutProbes } from './circuit.ts';
import type { Circuit, CircuitSettings, CircuitStatus, StepOutcome } from './circuit.ts';
import type { JsonObject } from '../json.ts';

/** Kind of the document; its key is the tenant. */
export const LIMITS_KIND = 'limits';

export type LimitSettings = BudgetSettings & CircuitSettings;

export type Limits = {
  readonly spent: Readonly<Record<string, number>>;
  readonly reservations: Readonly<Record<string, Reservation>>;
  /** By skill; skills without failures are absent. */
  readonly circuits: Readonly<Record<string, Circuit>>;
};

export interface LimitsClaim {
  /** Names the run and its execution, because a reset run claims again. */
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
      /** Sum for all steps, in 1/10,000. */
      readonly amount: number;
      /** Cost of a step without a cost in its manifest, in 1/10,000. */
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
  /** Numbers of the steps to charge. */
  readonly succeeded: readonly number[];
  /** Outcomes of the skills, for their circuits. */
  readonly circuit: readonly { readonly skill: string; readonly outcome: StepOutcome }[];
  readonly now: number;
  readonly settings: LimitSettings;
}

const NOTHING: Limits = { spent: {}, reservations: {}, circuits: {} };

/**
 * Reserves budget and circuit probes for a whole plan, or nothing. Repeating a key returns the first verdict and the
 * same `limits` object; a denial returns the same object too.
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

/** Returns the verdict that a claim would get now, and reserves nothing. */
export function forecastLimits(current: Limits | undefined, claim: LimitsClaim): LimitsVerdict {
  return claimLimits(current, claim).verdict;
}

/** Charges succeeded steps, removes the reservation and updates the circuits. Ignores a key without a reservation. */
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

/** Returns the circuits that opened, or opened again, between two states. */
export function newlyOpen(
  before: Limits | undefined,
  after: Limits | undefined,
): readonly { readonly skill: string; readonly failures: number }[] {
  return Object.entries(after?.circuits ?? {})
    .filter(([skill, { openedAt }]) => openedAt !== before?.circuits[skill]?.openedAt)
    .map(([skill, { failures }]) => ({ skill, failures }));
}

/** Returns the keys of expired leases; the caller checks if their runs have ended. */
export function releasable(current: Limits | undefined, now: number): readonly string[] {
  return Object.entries(current?.reservations ?? {})
    .filter(([, { leaseUntil }]) => leaseUntil <= now)
    .map(([key]) => key);
}

/** Removes the reservations and probes of these keys. */
export function releaseLimits(current: Limits | undefined, keys: readonly string[]): Limits | undefined {
  if (current === undefined || refund(current, keys) === current) return current;
  return withoutProbesOf({ ...current, ...refund(current, keys) }, keys);
}

/** Removes the reservations of earlier executions of a run, which a reset has ended; their keys have the same prefix. */
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

/** Extends the leases of runs that still run. `until` is in Unix milliseconds. */
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

/** Removes the circuit of a skill. */
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
  /** Unix milliseconds from which probes are admitted; absent if the circuit is closed. */
  readonly retryAt?: number;
}

/** Returns the circuits with failures that still count, ordered by skill. */
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

/** Returns the circuits with the probes of this claim, or the denial of the first open circuit. */
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
