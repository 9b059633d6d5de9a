/** Jobs that have not ended, by their records, for those who serve the jobs queue. Of all tenants: workers serve all. */
import { NO_JOBS, countJob } from '../../core/jobs/job-figures.ts';
import type { JobFigures } from '../../core/jobs/job-figures.ts';
import { isDue, jobPhaseOf } from '../../core/jobs/job-state.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { RUN_STATUSES, isInFlight } from '../../core/runs/run.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import type { ClientPorts } from '../ports.ts';

type RecordPorts = Pick<ClientPorts, 'records'>;

const PAGE = 200;
const IN_FLIGHT = RUN_STATUSES.filter((status) => isInFlight(status));

/** Oldest first. */
export async function* jobsWith(
  { records }: RecordPorts,
  statuses: readonly RunStatus[],
): AsyncGenerator<RunRecord> {
  const where = { queue: ['jobs'], status: statuses };
  for (let after: string | undefined; ;) {
    const page = await runRecords(records).list({
      where,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

/** The work for a worker of the jobs queue: `due` if there is something to do now. */
export async function queueState(ports: RecordPorts, now: number): Promise<'due' | 'none_due' | 'no_jobs'> {
  for await (const job of jobsWith(ports, IN_FLIGHT)) {
    if (isDue(job, now) || jobPhaseOf(job, now) === 'expired') return 'due';
  }
  const [any] = await runRecords(ports.records).list({ where: { queue: ['jobs'] }, limit: 1 });
  return any === undefined ? 'no_jobs' : 'none_due';
}

/** Of all tenants. Reads each queued job and each dead letter. */
export async function jobFigures(ports: RecordPorts, now: number): Promise<JobFigures> {
  let figures = NO_JOBS;
  for await (const job of jobsWith(ports, ['queued', 'error', 'blocked'])) {
    figures = countJob(figures, job, now);
  }
  return figures;
}
