/** Reading runs from their records: needs no Temporal. */
import { SkillosError } from '../core/errors.ts';
import { demand, mayOperate } from '../core/operations.ts';
import type { Operation } from '../core/operations.ts';
import type { Rights } from '../core/permission-policy.ts';
import { parseRunId, runKey } from '../core/run-id.ts';
import type { RunRecord, RunStatus } from '../core/run.ts';
import type { ClientPorts } from './ports.ts';

type RecordPorts = Pick<ClientPorts, 'records'>;

/** For SkillOS itself; callers go by `openRun`. Rejects with `unknown_run` where no such run is recorded. */
export async function findRun(ports: RecordPorts, text: string): Promise<RunRecord> {
  const runId = parseRunId(text);
  const record = await ports.records.get('runs', runKey(runId));
  if (record === undefined) throw noSuchRun(runId);
  return record as unknown as RunRecord; // written by this product alone
}

/** For somebody who may read or operate it; another tenant's run is as unknown as none. */
export async function openRun(
  ports: RecordPorts,
  rights: Rights,
  ask: { readonly runId: string; readonly operation: RunOperation },
): Promise<RunRecord> {
  return admit(await findRun(ports, ask.runId), rights, ask.operation);
}

export type RunOperation = Extract<Operation, 'runs:read' | 'runs:operate'>;

/** The record itself, or the refusal. */
export function admit(record: RunRecord, rights: Rights, operation: RunOperation): RunRecord {
  demand(mayOperate(rights, operation, ofTenant(record, rights)));
  return record;
}

/** The record itself; another tenant's is as unknown as none. */
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
  /** Which runs the caller may see. */
  readonly rights: Rights;
  readonly status?: readonly RunStatus[];
  readonly skill?: string;
  /** Only runs asked for at or after this; ISO 8601. */
  readonly since?: string;
  readonly limit: number;
  /** Run id to go on after. */
  readonly after?: string;
}

/** Newest first. */
export function listRuns(ports: RecordPorts, filter: RunFilter): Promise<Page<RunRecord>> {
  const { since } = filter;
  return pageOf(ports, filter, (record) => {
    if (since !== undefined && record.createdAt < since) return 'end';
    return matches(record, filter) ? record : undefined;
  });
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Run id to go on after, where there are more. */
  readonly next?: string;
}

/** Newest first, those that `pick` gives something for, until it says that it has seen enough. */
export async function pageOf<Item extends RunRecord>(
  ports: RecordPorts,
  page: Pick<RunFilter, 'limit' | 'after'>,
  pick: (record: RunRecord) => Item | 'end' | undefined,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let after = page.after === undefined ? undefined : runKey(parseRunId(page.after));
  for (;;) {
    const stored = await ports.records.list('runs', {
      descending: true,
      limit: 200,
      ...(after === undefined ? {} : { after }),
    });
    for (const { value } of stored) {
      const picked = pick(value as unknown as RunRecord); // written by this product alone
      if (picked === 'end') return { items };
      if (picked === undefined) continue;
      if (items.length === page.limit) return { items, next: (items.at(-1) as Item).id };
      items.push(picked);
    }
    after = stored.at(-1)?.key;
    if (after === undefined) return { items };
  }
}

/** Those of the tenant: the caller's own, and with `runs:read` all. */
function matches(record: RunRecord, filter: RunFilter): boolean {
  const { rights } = filter;
  if (record.tenant !== rights.tenant || !mayOperate(rights, 'runs:read', record).isAllowed) return false;
  if (filter.status !== undefined && !filter.status.includes(record.status)) return false;
  return filter.skill === undefined || record.skill === filter.skill;
}
