/** Makes Temporal and the records of jobs agree: starts workflows that are missing, and ends jobs that have expired or are lost. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { cancelQueued, endLost, jobPhaseOf } from '../../core/jobs/job-state.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { isoTime, msOf } from '../../core/values/iso-time.ts';
import type { ClientPorts } from '../ports.ts';
import { startWorkflow } from '../submit/start-workflow.ts';
import { asClientError } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { jobsWith } from './jobs-in-flight.ts';

type QueuePorts = Pick<ClientPorts, 'records' | 'now'>;

/** A younger job is probably being started by whoever enqueues it. */
const MIN_AGE_MS = 2000;

export interface QueueRepair {
  /** Runs that were found to have a workflow; they are not looked at again. */
  readonly known: Set<string>;
  readonly signal: AbortSignal;
}

/** Resolves to the jobs that it ended. Idempotent, also in several processes at once. */
export async function repairQueue(
  ports: QueuePorts,
  temporal: Temporal,
  { known, signal }: QueueRepair,
): Promise<readonly RunRecord[]> {
  const jobs: RunRecord[] = [];
  for await (const job of jobsWith(ports, ['running'])) {
    if (signal.aborted) break;
    jobs.push(...(await endIfLost(ports, temporal, job)));
  }
  for await (const job of jobsWith(ports, ['queued'])) {
    if (signal.aborted) break;
    if (jobPhaseOf(job, ports.now()) === 'expired') {
      const ended = await endUnbegun(ports, temporal, { run: job, reason: 'expired' });
      if (ended !== undefined) jobs.push(ended);
    } else {
      await startMissing(ports, temporal, { job, known });
    }
  }
  return jobs;
}

/** A job that runs by its record, and whose workflow has closed without settling or is gone with the database of Temporal. */
async function endIfLost(
  { records, now }: QueuePorts,
  temporal: Temporal,
  job: RunRecord,
): Promise<readonly RunRecord[]> {
  try {
    const { status } = await temporal.client.workflow.getHandle(job.id).describe();
    if (status.name === 'RUNNING') return [];
    const { traceRun } = await import('../runs/watch.ts');
    await traceRun({ records }, temporal, job.id);
    return [job];
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw asClientError(error);
  }
  const at = isoTime(now());
  const ended = await runRecords(records).update(job.id, (current) =>
    current === undefined ? current : endLost(current, at),
  );
  return ended === undefined ? [] : [ended];
}

async function startMissing(
  { now }: QueuePorts,
  temporal: Temporal,
  { job, known }: { readonly job: RunRecord; readonly known: Set<string> },
): Promise<void> {
  const { id: runId, executionId } = job;
  const request = job.job?.request;
  if (request === undefined || executionId !== undefined || known.has(runId)) return;
  if (now() - msOf(job.createdAt) < MIN_AGE_MS) return;
  await startWorkflow(temporal, { runId, request, now: now() });
  known.add(runId);
}

/** Ends a job that no worker has begun. Resolves to undefined if it has begun or ended meanwhile. */
export async function endUnbegun(
  { records, now }: QueuePorts,
  temporal: Temporal,
  { run, reason }: { readonly run: RunRecord; readonly reason: 'run_cancelled' | 'expired' },
): Promise<RunRecord | undefined> {
  const at = isoTime(now());
  let isEnded = false;
  const record = await runRecords(records).update(run.id, (current) => {
    if (current === undefined) return current;
    const ended = cancelQueued(current, { at, reason });
    isEnded = ended !== current;
    return ended;
  });
  if (!isEnded || record === undefined) return undefined;
  await terminate(temporal, run.id);
  return record;
}

/** A cancellation would wait for a worker, and for the start delay of the workflow. */
async function terminate({ client }: Temporal, runId: string): Promise<void> {
  try {
    await client.workflow.getHandle(runId).terminate('The job ended before it started');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw asClientError(error);
  }
}
