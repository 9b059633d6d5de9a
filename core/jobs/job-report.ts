/** The line that `job work` reports for a job. */
import type { RunRecord } from '../runs/run.ts';
import { jobPhaseOf } from './job-state.ts';

export type JobReport =
  'job_succeeded' | 'job_failed' | 'job_cancelled' | 'job_retry_scheduled' | 'job_waiting';

/** Undefined while a worker works on the job or could. `now` is Unix milliseconds. */
export function jobReportOf(record: RunRecord, now: number): JobReport | undefined {
  switch (record.status) {
    case 'success':
      return 'job_succeeded';
    case 'error':
    case 'blocked':
      return 'job_failed';
    case 'cancelled':
      return 'job_cancelled';
    case 'queued':
    case 'running':
    case 'awaiting_approval':
    case 'paused':
      break;
  }
  const phase = jobPhaseOf(record, now);
  if (phase === 'retrying') return 'job_retry_scheduled';
  return phase === 'waiting' ? 'job_waiting' : undefined;
}
