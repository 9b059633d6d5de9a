/** Retries of a job: when the next attempt of a failed step starts. */
import type { RetryPolicy } from '../plans/plan.ts';
import type { RunFailure, RunRecord } from '../runs/run.ts';
import { isInFlight } from '../runs/run.ts';
import { isoTime } from '../values/iso-time.ts';

const FIRST_PAUSE_MS = 5000;
const MAX_PAUSE_MS = 300_000;

/** The same number of attempts, with pauses of 5 s, 10 s, 20 s and so on up to 300 s between them. */
export function jobRetryPolicy(policy: RetryPolicy): RetryPolicy {
  return { ...policy, initialMs: FIRST_PAUSE_MS, backoff: 2, maxIntervalMs: MAX_PAUSE_MS };
}

/** Pause in milliseconds after `attempt`, counted from 1, as Temporal computes it; undefined if it was the last one. */
export function pauseAfter(policy: RetryPolicy, attempt: number): number | undefined {
  const { maxAttempts, initialMs, backoff, maxIntervalMs } = policy;
  if (attempt >= maxAttempts) return undefined;
  return Math.min(initialMs * backoff ** (attempt - 1), Math.max(maxIntervalMs, initialMs));
}

/** The record of a job of which a step has failed and is tried again. Returns any other run unchanged. */
export function retryRecord(
  record: RunRecord,
  { attempt, at, failure }: { readonly attempt: number; readonly at: number; readonly failure: RunFailure },
): RunRecord {
  const { job, status } = record;
  if (job === undefined || !isInFlight(status)) return record;
  return { ...record, job: { ...job, retry: { at: isoTime(at), failures: attempt, failure } } };
}
