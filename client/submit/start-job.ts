/** Starts a job: its record, and a workflow under the same id that waits in the jobs queue. */
import { isSkillosError } from '../../core/errors/errors.ts';
import { isUnbegunJob } from '../../core/jobs/job-state.ts';
import { openRecord } from '../../core/runs/run-record.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRequest } from '../../core/runs/run.ts';
import type { ClientPorts } from '../ports.ts';

interface StartedJob {
  readonly runId: string;
  readonly request: RunRequest;
  /** Starts the workflow; resolves to false if it exists. */
  readonly start: () => Promise<boolean>;
}

/**
 * Resolves when the record is durable; to false if the job exists already. Record and workflow are written at the same time,
 * because each leads to the other: the worker makes the same record from the request of the workflow, and whoever serves the
 * jobs queue starts the workflow of a record that has none. So a job that is recorded counts as enqueued, although Temporal
 * may have stopped answering meanwhile.
 */
export async function startJob(ports: Pick<ClientPorts, 'records'>, job: StartedJob): Promise<boolean> {
  const records = runRecords(ports.records);
  const starting = job.start(); // first: the server works while the record is written
  const [recorded, started] = await Promise.allSettled([
    records.open(openRecord(job.runId, job.request)),
    starting,
  ]);
  if (recorded.status === 'rejected') throw recorded.reason;
  if (started.status === 'fulfilled') return started.value;
  if (isSkillosError(started.reason, 'engine_unreachable')) return true;
  await records.update(job.runId, (current) =>
    current !== undefined && isUnbegunJob(current) ? undefined : current,
  );
  throw started.reason;
}
