/** Lists and finds jobs by their records: needs no Temporal. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { isDeadLetter } from '../../core/jobs/job-state.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { authorize } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun, listRuns, ofTenant, pageOf, readableBy } from '../runs/run-records.ts';
import type { Page, RunFilter } from '../runs/run-records.ts';

type RecordPorts = Pick<ClientPorts, 'records'>;

/** Newest first. */
export function listJobs(
  ports: RecordPorts,
  filter: Omit<RunFilter, 'queue' | 'schedule'>,
): Promise<Page<RunRecord>> {
  return listRuns(ports, { ...filter, queue: 'jobs' });
}

/** Jobs that ended without success and were neither cancelled nor requeued, newest first. */
export function listDeadJobs(
  ports: RecordPorts,
  { rights, ...page }: Pick<RunFilter, 'rights' | 'limit' | 'after'>,
): Promise<Page<RunRecord>> {
  const where = { ...readableBy(rights), queue: ['jobs'], status: ['error', 'blocked'] };
  return pageOf(ports, { ...page, where }, (record) =>
    isDeadLetter(record) && mayOperate(rights, 'runs:read', record).isAllowed ? record : undefined,
  );
}

/** Rejects with `unknown_job`, also for a run that is no job, or with the refusal of `runs:read`. */
export async function openJob(ports: RecordPorts, rights: Rights, jobId: string): Promise<RunRecord> {
  const job = await findJob(ports, rights, jobId);
  demand(mayOperate(rights, 'runs:read', job));
  return job;
}

/** For who may change it: its owner, or a holder of `jobs:write`. Rejects with `unknown_job`, or as `authorize` does. */
export async function jobToChange(ports: ClientPorts, actor: Actor, jobId: string): Promise<RunRecord> {
  const run = await findJob(ports, actor.rights, jobId);
  await authorize(ports, actor, { operation: 'jobs:write', run });
  return run;
}

async function findJob(ports: RecordPorts, rights: Rights, jobId: string): Promise<RunRecord> {
  const record = await findRun(ports, jobId)
    .then((found) => ofTenant(found, rights))
    .catch((error: unknown) => {
      if (!isSkillosError(error, 'unknown_run')) throw error;
    });
  if (record?.job !== undefined) return record;
  throw new SkillosError('unknown_job', `Unknown job ${JSON.stringify(jobId.slice(0, 200))}`, {
    hint: 'skillos job list',
  });
}
