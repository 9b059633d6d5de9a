/** A breaker per skill: after repeated failures its runs are refused for a while, then few are let through to probe. Zod-free. */
import type { Config } from './config.ts';
import type { ErrorCode } from './error-codes.ts';

export type CircuitSettings = Pick<
  Config,
  'circuitFailureThreshold' | 'circuitWindowSeconds' | 'circuitOpenSeconds' | 'circuitHalfOpenMax'
>;

/** What is remembered of a skill that failed; one that did not has no circuit. Times are Unix milliseconds. */
export type Circuit = {
  /** Failures with no success and no longer pause than the window between them. */
  readonly failures: number;
  readonly lastFailureAt: number;
  readonly openedAt?: number;
  /** Runs let through while half open, by the key of their claim: when each was let through. */
  readonly probes?: Readonly<Record<string, number>>;
};

export type CircuitStatus = 'closed' | 'open' | 'half_open';

export type StepOutcome = 'success' | 'failure';

/** When who asks. */
export interface CircuitTime {
  readonly key: string;
  readonly now: number;
}

export type Admission =
  | { readonly kind: 'allow'; readonly circuit: Circuit | undefined }
  | { readonly kind: 'deny'; readonly status: CircuitStatus; readonly retryAt: number };

/** Whether a step that ended so says something of the skill; a lost worker or a bad payload does not. */
export function isSkillFailure(code: ErrorCode): boolean {
  return code.startsWith('skill_');
}

export function circuitStatus(circuit: Circuit, now: number, settings: CircuitSettings): CircuitStatus {
  if (circuit.openedAt === undefined) return 'closed';
  return now < openUntil(circuit.openedAt, settings) ? 'open' : 'half_open';
}

/** A probe that is let through is counted until it ends or expires, so that none can lock a skill out. */
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

/** The circuit after a run of its skill; `undefined` where nothing is left to remember. */
export function afterOutcome(
  circuit: Circuit | undefined,
  outcome: StepOutcome,
  { now, settings }: { readonly now: number; readonly settings: CircuitSettings },
): Circuit | undefined {
  // What began before the circuit opened and ends while it is open says nothing of the skill as it is now.
  if (circuit !== undefined && circuitStatus(circuit, now, settings) === 'open') return circuit;
  if (outcome === 'success') return undefined;
  const isRecent = circuit !== undefined && !isForgotten(circuit, now, settings);
  const failures = (isRecent ? circuit.failures : 0) + 1;
  const isOpen = circuit?.openedAt !== undefined || failures >= settings.circuitFailureThreshold;
  return { failures, lastFailureAt: now, ...(isOpen ? { openedAt: now } : {}) };
}

/** The circuit without the probes of these claims. */
export function withoutProbes(circuit: Circuit, keys: readonly string[]): Circuit {
  const { probes, ...rest } = circuit;
  if (probes === undefined || !keys.some((key) => Object.hasOwn(probes, key))) return circuit;
  const kept = Object.entries(probes).filter(([key]) => !keys.includes(key));
  return kept.length === 0 ? rest : { ...rest, probes: Object.fromEntries(kept) };
}

/** Whether it is closed and its last failure is too old to count. */
export function isForgotten(circuit: Circuit, now: number, settings: CircuitSettings): boolean {
  return circuit.openedAt === undefined && now - circuit.lastFailureAt > settings.circuitWindowSeconds * 1000;
}

/** From when on runs are let through again to probe. */
export function openUntil(since: number, settings: CircuitSettings): number {
  return since + settings.circuitOpenSeconds * 1000;
}
