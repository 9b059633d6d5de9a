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
const FAILED = ['error', 'blocked'] as const;

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

/** A scrape reads no more records than this of jobs in flight, and as many of those that failed. */
const MAX_COUNTED = 10_000;

/** Of all tenants; the oldest 10,000 jobs that have not ended count, and the oldest 10,000 that ended without success. */
export async function jobFigures(ports: RecordPorts, now: number): Promise<JobFigures> {
  let figures = NO_JOBS;
  for (const statuses of [IN_FLIGHT, FAILED]) {
    let counted = 0;
    for await (const job of jobsWith(ports, statuses)) {
      figures = countJob(figures, job, now);
      counted += 1;
      if (counted === MAX_COUNTED) break;
    }
  }
  return figures;
}
