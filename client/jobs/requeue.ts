/** Requeues a job that ended without success: a new job with the same plan and payload, under the rights of the caller. */
import { ulid } from 'ulid';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { markRequeued, requeueAsk, requeueable, unmarkRequeued } from '../../core/jobs/requeue.ts';
import type { RequeueableJob } from '../../core/jobs/requeue.ts';
import { subjectOf } from '../../core/plans/plan-title.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { requestIdOf, runIdOf } from '../../core/values/run-id.ts';
import { passAttachments, takeBackAttachments } from '../attachments/attachments.ts';
import { recordAudit } from '../audit/authorize.ts';
import type { Submission, SubmitPorts } from '../submit/submission.ts';
import { enqueueJob } from './enqueue.ts';
import type { EnqueuedJob } from './enqueue.ts';
import { jobToChange, listDeadJobs } from './jobs.ts';

/**
 * Call `jobToChange` first. The id of the new job is recorded before the job is enqueued, so two requests at once enqueue one,
 * and a request that was interrupted is completed by the next. Rejects with `job_not_requeueable`, or as `enqueueJob` does.
 */
export async function requeueJob(
  world: SubmitPorts,
  { actor, job: record }: { readonly actor: Submission['actor']; readonly job: RunRecord },
): Promise<EnqueuedJob> {
  const { records, now } = world.ports;
  const job = requeueable(record);
  const requeuedAs = runIdOf(subjectOf(job.job.request).replace('/', '.'), ulid(now()));
  const marked = await runRecords(records).update(job.id, (current) =>
    current === undefined ? current : markRequeued(current, requeuedAs),
  );
  const newId = marked?.job?.requeuedAs ?? requeuedAs;
  if (newId !== requeuedAs && (await runRecords(records).get(newId)) !== undefined) {
    throw new SkillosError('job_not_requeueable', `Job "${job.id}" was requeued as "${newId}"`);
  }
  const enqueued = await enqueueAgain(world, { actor, job, newId });
  await recordAudit(world.ports, actor, {
    action: 'job_requeued',
    run: job.id,
    after: { job_id: newId },
  });
  return enqueued;
}

async function enqueueAgain(
  world: SubmitPorts,
  {
    actor,
    job,
    newId,
  }: { readonly actor: Submission['actor']; readonly job: RequeueableJob; readonly newId: string },
): Promise<EnqueuedJob> {
  const { records, values } = world.ports;
  const { plan, payload, maxRetries, noRollback } = job.job.request;
  await passAttachments(world.ports, { from: job.id, to: newId }); // first: a worker may take the job at once
  try {
    return await enqueueJob(world, {
      wanted: { kind: 'steps', plan },
      payload: () => values.uncarry(payload),
      actor,
      job: requeueAsk(job),
      maxRetries,
      noRollback,
      requestId: requestIdOf(newId),
    });
  } catch (error) {
    if (!isSkillosError(error, 'engine_unreachable')) {
      await takeBackAttachments(world.ports, newId);
      await runRecords(records).update(job.id, (current) =>
        current === undefined ? current : unmarkRequeued(current, newId),
      );
    }
    throw error;
  }
}

/** A dead letter that was requeued, or why it was not. */
export interface RequeuedJob {
  readonly job: string;
  readonly runId?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const PAGE = 200;

/** Requeues every dead letter that the actor may read, newest first. One that is refused does not prevent the others. */
export async function requeueDead(
  world: SubmitPorts,
  actor: Submission['actor'],
): Promise<readonly RequeuedJob[]> {
  const requeued: RequeuedJob[] = [];
  for (let after: string | undefined; ;) {
    const from = after === undefined ? {} : { after };
    const page = await listDeadJobs(world.ports, { rights: actor.rights, limit: PAGE, ...from });
    for (const { id } of page.items) requeued.push(await requeueOne(world, actor, id));
    after = page.next;
    if (after === undefined) return requeued;
  }
}

async function requeueOne(world: SubmitPorts, actor: Submission['actor'], id: string): Promise<RequeuedJob> {
  try {
    const job = await jobToChange(world.ports, actor, id);
    const { runId } = await requeueJob(world, { actor, job });
    return { job: id, runId };
  } catch (error) {
    if (!isSkillosError(error) || error.code === 'engine_unreachable') throw error;
    return { job: id, error: { code: error.code, message: error.message } };
  }
}
