/** Enqueues a job: a run that waits in the jobs queue for a worker. */
import type { JobAsk } from '../../core/jobs/job-terms.ts';
import type { Submission, SubmitPorts, Wanted } from '../submit/submission.ts';
import { submit } from '../submit/submit.ts';

export interface JobSubmission {
  readonly wanted: Extract<Wanted, { readonly kind: 'skill' | 'steps' }>;
  readonly payload: Submission['payload'];
  readonly actor: Submission['actor'];
  readonly job: JobAsk;
  readonly maxRetries?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  /** As in `SubmitOptions`. */
  readonly noRollback?: boolean | undefined;
  /** A ULID; the id of the job ends with it. The same one again enqueues nothing. */
  readonly requestId?: string | undefined;
}

export interface EnqueuedJob {
  readonly runId: string;
  /** True if an earlier request with the same key or id has enqueued it. */
  readonly isReplayed: boolean;
}

/** Resolves when the job is durable. Rejects as `submit` does, before anything is written. */
export async function enqueueJob(world: SubmitPorts, submission: JobSubmission): Promise<EnqueuedJob> {
  const { wanted, payload, actor, ...options } = submission;
  const outcome = await submit(world, { wanted, payload, actor, options, waiting: { kind: 'none' } });
  if (outcome.kind !== 'going_on') throw new Error('Expected a started job');
  return { runId: outcome.runId, isReplayed: outcome.isReplayed };
}
