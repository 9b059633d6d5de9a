/** Circuit breakers: after repeated failures of a skill its runs are refused, then a few are admitted as probes. Without zod. */
import type { Config } from '../settings/config.ts';
import type { ErrorCode } from '../errors/error-codes.ts';

export type CircuitSettings = Pick<
  Config,
  'circuitFailureThreshold' | 'circuitWindowSeconds' | 'circuitOpenSeconds' | 'circuitHalfOpenMax'
>;

/** The state of a skill that failed; a skill without failures has no circuit. Times are Unix milliseconds. */
export type Circuit = {
  /** Consecutive failures, each within the window after the one before. */
  readonly failures: number;
  readonly lastFailureAt: number;
  readonly openedAt?: number;
  /** Time of admission of each probe, by claim key. */
  readonly probes?: Readonly<Record<string, number>>;
};

export type CircuitStatus = 'closed' | 'open' | 'half_open';

export type StepOutcome = 'success' | 'failure';

/** The claim and its time. */
export interface CircuitTime {
  readonly key: string;
  readonly now: number;
}

export type Admission =
  | { readonly kind: 'allow'; readonly circuit: Circuit | undefined }
  | { readonly kind: 'deny'; readonly status: CircuitStatus; readonly retryAt: number };

/** True for failures of the skill itself; a lost worker or an invalid payload does not count. */
export function isSkillFailure(code: ErrorCode): boolean {
  return code.startsWith('skill_');
}

export function circuitStatus(circuit: Circuit, now: number, settings: CircuitSettings): CircuitStatus {
  if (circuit.openedAt === undefined) return 'closed';
  return now < openUntil(circuit.openedAt, settings) ? 'open' : 'half_open';
}

/** Admits or refuses a run. A probe counts until it ends or expires, so that a lost probe cannot block the skill. */
export function admit(
  circuit: Circuit | undefined,
  { key, now }: CircuitTime,
  settings: CircuitSettings,
): Admission {
  if (circuit?.openedAt === undefined) return { kind: 'allow', circuit };
  const status = circuitStatus(circuit, now, settings);
  if (status === 'open') return { kind: 'deny', status, retryAt: openUntil(circuit.openedAt, settings) };
  const probes = Object.entries(circuit.probes ?? {}).filter(([, at]) => now < openUntil(at, settings));
  if (probes.length < settings.circuitHalfOpenMax) {
    return { kind: 'allow', circuit: { ...circuit, probes: Object.fromEntries([...probes, [key, now]]) } };
  }
  const retryAt = Math.min(...probes.map(([, at]) => openUntil(at, settings)));
  return { kind: 'deny', status, retryAt };
}

/** Returns the circuit after a run of its skill, or undefined if it has no failures left. */
export function afterOutcome(
  circuit: Circuit | undefined,
  outcome: StepOutcome,
  { now, settings }: { readonly now: number; readonly settings: CircuitSettings },
): Circuit | undefined {
  // A run that began before the circuit opened says nothing about the present state of the skill.
  if (circuit !== undefined && circuitStatus(circuit, now, settings) === 'open') return circuit;
  if (outcome === 'success') return undefined;
  const isRecent = circuit !== undefined && !isForgotten(circuit, now, settings);
  const failures = (isRecent ? circuit.failures : 0) + 1;
  const isOpen = circuit?.openedAt !== undefined || failures >= settings.circuitFailureThreshold;
  return { failures, lastFailureAt: now, ...(isOpen ? { openedAt: now } : {}) };
}

/** Returns the circuit without the probes of these claims. */
export function withoutProbes(circuit: Circuit, keys: readonly string[]): Circuit {
  const { probes, ...rest } = circuit;
  if (probes === undefined || !keys.some((key) => Object.hasOwn(probes, key))) return circuit;
  const kept = Object.entries(probes).filter(([key]) => !keys.includes(key));
  return kept.length === 0 ? rest : { ...rest, probes: Object.fromEntries(kept) };
}

/** True if the circuit is closed and its last failure is too old to count. */
export function isForgotten(circuit: Circuit, now: number, settings: CircuitSettings): boolean {
  return circuit.openedAt === undefined && now - circuit.lastFailureAt > settings.circuitWindowSeconds * 1000;
}

/** Unix milliseconds from which probes are admitted. */
export function openUntil(since: number, settings: CircuitSettings): number {
  return since + settings.circuitOpenSeconds * 1000;
}
