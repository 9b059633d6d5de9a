/** Reading runs from their records: needs no Temporal. */
import { SkillosError } from '../core/errors.ts';
import { parseRunId, runKey } from '../core/run-id.ts';
import type { RunRecord, RunStatus } from '../core/run.ts';
import type { ClientPorts } from './ports.ts';

type RecordPorts = Pick<ClientPorts, 'records'>;

/** Rejects with `unknown_run` where no such run is recorded. */
export async function findRun(ports: RecordPorts, text: string): Promise<RunRecord> {
  const runId = parseRunId(text);
  const record = await ports.records.get('runs', runKey(runId));
  if (record === undefined) {
    throw new SkillosError('unknown_run', `Unknown run ${JSON.stringify(runId)}`, {
      hint: 'skillos runs list',
    });
  }
  return record as unknown as RunRecord; // written by this product alone
}

export interface RunFilter {
  readonly status?: readonly RunStatus[];
  readonly skill?: string;
  /** Only runs asked for at or after this; ISO 8601. */
  readonly since?: string;
  readonly limit: number;
  /** Run id to go on after. */
  readonly after?: string;
}

/** Newest first. */
export async function listRuns(
  ports: RecordPorts,
  filter: RunFilter,
): Promise<{ readonly items: readonly RunRecord[]; readonly next?: string }> {
  const items: RunRecord[] = [];
  let after = filter.after === undefined ? undefined : runKey(parseRunId(filter.after));
  for (;;) {
    const page = await ports.records.list('runs', {
      descending: true,
      limit: 200,
      ...(after === undefined ? {} : { after }),
    });
    for (const { value } of page) {
      const record = value as unknown as RunRecord;
      if (filter.since !== undefined && record.createdAt < filter.since) return { items };
      if (!matches(record, filter)) continue;
      if (items.length === filter.limit) return { items, next: (items.at(-1) as RunRecord).id };
      items.push(record);
    }
    after = page.at(-1)?.key;
    if (after === undefined) return { items };
  }
}

function matches(record: RunRecord, filter: RunFilter): boolean {
  if (filter.status !== undefined && !filter.status.includes(record.status)) return false;
  return filter.skill === undefined || record.skill === filter.skill;
}
