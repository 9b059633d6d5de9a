/** What `storage gc` may remove. */
import type { RunRecord } from '../runs/run.ts';
import { isInFlight } from '../runs/run.ts';
import { isDeadLetter } from './job-state.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A worker starts no signed request that is older, if the run has no record. */
export const MAX_REQUEST_AGE_MS = 30 * DAY_MS;
/**
 * A day for the exactness of the time of the last use, one for workers, which put the skills of a run again after a day, and one
 * for differences between clocks.
 */
const CONTENT_SLACK_MS = 3 * DAY_MS;

export interface Retention {
  readonly retentionDays: number;
  /** The run of an idempotency key stays as long as the key. */
  readonly idempotencyTtlSeconds: number;
  /** The record of a run proves that its signed request was used, so it stays as long as workers accept the request. */
  readonly signsRequests: boolean;
}

/** Runs that ended before this time may be removed; both in Unix milliseconds. */
export function retainedSince(
  now: number,
  { retentionDays, idempotencyTtlSeconds, signsRequests }: Retention,
): number {
  const requestMs = signsRequests ? MAX_REQUEST_AGE_MS : 0;
  return now - Math.max(retentionDays * DAY_MS, idempotencyTtlSeconds * 1000, requestMs);
}

/** Sessions without a request since this time may be removed: they prove nothing, so that the setting alone counts. Unix milliseconds. */
export function sessionsRetainedSince(
  now: number,
  { retentionDays }: Pick<Retention, 'retentionDays'>,
): number {
  return now - retentionDays * DAY_MS;
}

/** True if the run ended and was last repeated before `since` (ISO 8601). A dead letter waits for somebody to requeue or cancel it. */
export function isOutdated(run: RunRecord, since: string): boolean {
  if (isInFlight(run.status) || isDeadLetter(run)) return false;
  const lastUse = run.repeatedAt ?? run.endedAt;
  return lastUse !== undefined && lastUse < since;
}

/**
 * Blobs and bundles that were last used before this time are used by nobody: each was used when or after its run was
 * requested, and `oldestKept` is the time of the first request among the runs that are kept. Unix milliseconds.
 */
export function contentUsedSince(since: number, oldestKept: number): number {
  return Math.min(since, oldestKept) - CONTENT_SLACK_MS;
}
