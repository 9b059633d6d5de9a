/** Enqueues a job: a run that waits in the jobs queue for a worker. */
import type { JobAsk } from '../../core/jobs/job-terms.ts';
import { subjectOf } from '../../core/plans/plan-title.ts';
import type { EventBody } from '../../core/telemetry/events.ts';
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
  const { runId, isReplayed } = outcome;
  if (!isReplayed) world.emit([enqueuedEvent(runId, submission)]);
  return { runId, isReplayed };
}

function enqueuedEvent(runId: string, { wanted, maxRetries }: JobSubmission): EventBody {
  const skill = wanted.kind === 'skill' ? wanted.skill : subjectOf(wanted);
  const fields = { job_id: runId, skill_id: skill, status: 'queued', max_retries: maxRetries ?? null };
  return { event: 'job_enqueued', ...fields };
}
