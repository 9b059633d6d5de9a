/** The state of a job in its queue, by its run record. */
import type { Cancelled, JobTerms, RunRecord, RunRequest } from '../runs/run.ts';
import { isInFlight } from '../runs/run.ts';
import { msOf } from '../values/iso-time.ts';

export type JobPhase =
  /** Its time has not come. */
  | 'delayed'
  /** Its time to start is over; nobody has recorded that yet. */
  | 'expired'
  /** It waits for a worker. */
  | 'due'
  /** It has begun. */
  | 'running'
  /** A step has failed and waits for its next attempt. */
  | 'retrying'
  /** It waits for people. */
  | 'waiting'
  | 'ended';

/** `now` is Unix milliseconds. */
export function jobPhaseOf({ status, job, executionId }: RunRecord, now: number): JobPhase {
  if (!isInFlight(status)) return 'ended';
  if (job?.isCancelling === true) return 'running';
  if (status === 'awaiting_approval' || status === 'paused') return 'waiting';
  if (isFuture(job?.retry?.at, now)) return 'retrying';
  if (status === 'running' || executionId !== undefined) return 'running';
  if (isFuture(job?.runAt, now)) return 'delayed';
  return isExpired(job, now) ? 'expired' : 'due';
}

/** A worker has something to do for the job now. */
export function isDue(record: RunRecord, now: number): boolean {
  const phase = jobPhaseOf(record, now);
  return phase === 'due' || phase === 'running';
}

/** Returns the cancellation of a job that must not start any more; undefined if it may. */
export function refuseStart(
  request: Pick<RunRequest, 'job'>,
  record: RunRecord | undefined,
  now: number,
): Cancelled | undefined {
  const { job } = request;
  if (job === undefined || record?.startedAt !== undefined) return undefined;
  if (record?.endedAt !== undefined && record.executionId === undefined) {
    return record.reason === 'expired' ? EXPIRED : { status: 'cancelled' };
  }
  return isExpired(job, now) ? EXPIRED : undefined;
}

const EXPIRED: Cancelled = { status: 'cancelled', reason: 'expired' };

/** Ends a job that no worker has begun; returns any other run unchanged. `at` is ISO 8601. */
export function cancelQueued(
  record: RunRecord,
  { at, reason }: { readonly at: string; readonly reason: 'run_cancelled' | 'expired' },
): RunRecord {
  if (!isUnbegunJob(record)) return record;
  return { ...record, status: 'cancelled', reason, endedAt: at };
}

/** Ends a job in flight of which Temporal has lost the workflow; returns any other run unchanged. `at` is ISO 8601. */
export function endLost(record: RunRecord, at: string): RunRecord {
  if (record.job === undefined || !isInFlight(record.status)) return record;
  const error = { code: 'outcome_unknown', message: 'Temporal has lost the job while it ran' } as const;
  return { ...record, status: 'error', reason: error.code, error, endedAt: at };
}

/** Records that the job is to be cancelled by a worker; returns any other run, and one that has ended, unchanged. */
export function markCancelling(record: RunRecord): RunRecord {
  const { job, status } = record;
  return job === undefined || !isInFlight(status)
    ? record
    : { ...record, job: { ...job, isCancelling: true } };
}

/** The job has neither begun nor ended. */
export function isUnbegunJob({ job, status, executionId }: RunRecord): boolean {
  return job !== undefined && status === 'queued' && executionId === undefined;
}

/** A job that ended without success, was not cancelled, and was not requeued. */
export function isDeadLetter({ job, status }: RunRecord): boolean {
  return job !== undefined && job.requeuedAs === undefined && (status === 'error' || status === 'blocked');
}

function isExpired(job: JobTerms | undefined, now: number): boolean {
  return job?.expiresAt !== undefined && msOf(job.expiresAt) <= now;
}

function isFuture(time: string | undefined, now: number): boolean {
  return time !== undefined && msOf(time) > now;
}
