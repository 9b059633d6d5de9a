/** Decides if a job may be requeued, and with which terms. */
import { SkillosError } from '../errors/errors.ts';
import type { JobState, RunRecord, RunRequest } from '../runs/run.ts';
import { isInFlight } from '../runs/run.ts';
import { msOf } from '../values/iso-time.ts';
import type { JobAsk } from './job-terms.ts';

/** A job that has ended without success and was not requeued. */
export type RequeueableJob = RunRecord & {
  readonly job: JobState & { readonly request: RunRequest };
};

/** Throws `job_not_requeueable` if the job is in flight, has succeeded, or was requeued. */
export function requeueable(record: RunRecord): RequeueableJob {
  const { id, status, job } = record;
  if (isInFlight(status)) throw notRequeueable(`Job "${id}" has not ended: it is ${status}`);
  if (job?.request === undefined) throw notRequeueable(`Job "${id}" has ended ${status}`);
  return { ...record, job: { ...job, request: job.request } };
}

/** The terms of the new job: the same priority, and as much time to start as the first had. It starts at once. */
export function requeueAsk({ id, job }: RequeueableJob): JobAsk {
  const { priority, runAt, expiresAt, request } = job;
  const from = runAt === undefined ? msOf(request.askedAt) : Math.max(msOf(runAt), msOf(request.askedAt));
  return {
    priority,
    requeueOf: id,
    ...(expiresAt === undefined ? {} : { expiresMs: msOf(expiresAt) - from }),
  };
}

/** Records which job repeats this one; the first one that is recorded stays. */
export function markRequeued(record: RunRecord, requeuedAs: string): RunRecord {
  const { job } = record;
  if (job === undefined || job.requeuedAs !== undefined) return record;
  return { ...record, job: { ...job, requeuedAs } };
}

/** Takes the mark back if the new job was refused. */
export function unmarkRequeued(record: RunRecord, requeuedAs: string): RunRecord {
  if (record.job?.requeuedAs !== requeuedAs) return record;
  const { requeuedAs: _requeuedAs, ...job } = record.job;
  return { ...record, job };
}

function notRequeueable(message: string): SkillosError {
  return new SkillosError('job_not_requeueable', message);
}
