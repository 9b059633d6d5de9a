/** Finds and lists runs by their records. Needs no Temporal. */
import { SkillosError } from '../../core/errors/errors.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import type { Operation } from '../../core/rights/operations.ts';
import type { Rights, Ruling } from '../../core/rights/permission-policy.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { Where } from '../../core/storage/record-index.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import type { ClientPorts } from '../ports.ts';

type RecordPorts = Pick<ClientPorts, 'records'>;

/** Finds a run without checking rights; for a caller use `openRun`. Rejects with `unknown_run`. */
export async function findRun(ports: RecordPorts, text: string): Promise<RunRecord> {
  const runId = parseRunId(text);
  const record = await runRecords(ports.records).get(runId);
  if (record === undefined) throw noSuchRun(runId);
  return record;
}

/** Finds a run that the caller may read or operate. Rejects with `unknown_run`, also for a run of another tenant. */
export async function openRun(
  ports: RecordPorts,
  rights: Rights,
  ask: { readonly runId: string; readonly operation: RunOperation },
): Promise<RunRecord> {
  return admit(await findRun(ports, ask.runId), rights, ask.operation);
}

export type RunOperation = Extract<Operation, 'runs:read' | 'runs:operate'>;

/** Returns the record. Throws as `demandOf` does. */
export function admit(record: RunRecord, rights: Rights, operation: RunOperation): RunRecord {
  demandOf(ofTenant(record, rights), rights, mayOperate(rights, operation, record));
  return record;
}

/**
 * Throws the refusal of the ruling on a run. For somebody who may not read the run it is `unknown_run`, so that nobody learns
 * from a refusal that an id exists.
 */
export function demandOf(run: RunRecord, rights: Rights, ruling: Ruling): void {
  if (!ruling.isAllowed && !mayOperate(rights, 'runs:read', run).isAllowed) throw noSuchRun(run.id);
  demand(ruling);
}

/** Returns the record; throws `unknown_run` if it is missing or belongs to another tenant. */
export function ofTenant(record: RunRecord, rights: Rights): RunRecord {
  if (record.tenant === rights.tenant) return record;
  throw noSuchRun(record.id);
}

function noSuchRun(runId: string): SkillosError {
  return new SkillosError('unknown_run', `Unknown run ${JSON.stringify(runId)}`, {
    hint: 'skillos runs list',
  });
}

export interface RunFilter {
  /** Rights of the caller; they limit the list to runs that the caller may read. */
  readonly rights: Rights;
  readonly status?: readonly RunStatus[];
  readonly skill?: string;
  /** Only runs of this schedule. */
  readonly schedule?: string;
  /** Only jobs. */
  readonly queue?: 'jobs';
  /** Only runs that were requested at or after this time; ISO 8601. */
  readonly since?: string;
  readonly limit: number;
  /** Run id after which the list continues. */
  readonly after?: string;
}

/** Lists runs, newest first. */
export function listRuns(ports: RecordPorts, filter: RunFilter): Promise<Page<RunRecord>> {
  const { rights, since } = filter;
  return pageOf(ports, { ...filter, where: whereOf(filter) }, (record) => {
    if (since !== undefined && record.createdAt < since) return 'end';
    return mayOperate(rights, 'runs:read', record).isAllowed ? record : undefined;
  });
}

function whereOf({ rights, status, skill, queue, schedule }: RunFilter): Where {
  return {
    ...readableBy(rights),
    ...(status === undefined ? {} : { status }),
    ...(skill === undefined ? {} : { skill: [skill] }),
    ...(queue === undefined ? {} : { queue: [queue] }),
    ...(schedule === undefined ? {} : { schedule: [schedule] }),
  };
}

/** Restricts a list to the tenant, and without the permission `runs:read` to the caller's own runs. */
export function readableBy(rights: Rights): Where {
  const isOwnOnly = !mayOperate(rights, 'runs:read').isAllowed;
  return {
    tenant: [rights.tenant],
    ...(isOwnOnly ? { subject: [rights.principal.subject] } : {}),
  };
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Run id after which the list continues; absent on the last page. */
  readonly next?: string;
}

interface PageRequest extends Pick<RunFilter, 'limit' | 'after'> {
  /** The part of the filter that the store evaluates. */
  readonly where: Where;
}

/**
 * Returns the newest records for which `pick` returns a value; ends early when `pick` reports that no more
 * follow.
 */
export async function pageOf<Item extends RunRecord>(
  ports: RecordPorts,
  page: PageRequest,
  pick: (record: RunRecord) => Item | 'end' | undefined,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let after = page.after === undefined ? undefined : parseRunId(page.after);
  for (let limit = page.limit + 1; ; limit *= 4) {
    const stored = await runRecords(ports.records).list({
      descending: true,
      limit,
      where: page.where,
      ...(after === undefined ? {} : { after }),
    });
    for (const record of stored) {
      const picked = pick(record);
      if (picked === 'end') return { items };
      if (picked === undefined) continue;
      if (items.length === page.limit) return { items, next: (items.at(-1) as Item).id };
      items.push(picked);
    }
    after = stored.at(-1)?.id;
    if (after === undefined || stored.length < limit) return { items };
  }
}
