/** The state of a job in its queue, as text for people. */
import type { RunRecord } from '../runs/run.ts';
import { jobPhaseOf } from './job-state.ts';

/** The reason of an ended job; undefined if its status says all. `now` is Unix milliseconds. */
export function standingOf(record: RunRecord, now: number): string | undefined {
  const { job, reason } = record;
  switch (jobPhaseOf(record, now)) {
    case 'ended':
      return job?.requeuedAs === undefined ? reason : `${reason}, requeued`;
    case 'delayed':
      return `not before ${job?.runAt}`;
    case 'expired':
      return 'expired; the next worker records it';
    case 'retrying':
      return retryText(job?.retry);
    case 'waiting':
      return 'waits for people';
    case 'due':
      return 'due';
    case 'running':
      return job?.isCancelling === true ? 'is being cancelled' : undefined;
  }
}

function retryText(retry: NonNullable<RunRecord['job']>['retry']): string | undefined {
  return retry && `attempt ${retry.failures + 1} at ${retry.at}, after ${retry.failure.code}`;
}
