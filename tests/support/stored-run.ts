/** A run in the store, with everything that belongs to one. */
import { ulid } from 'ulid';
import type { JsonObject } from '../../core/json.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Journal } from '../../core/storage/journal.ts';
import type { Records } from '../../core/storage/records.ts';
import { SYSTEM, appendAudit } from '../../core/telemetry/audit.ts';
import { exchangeLogName, runLogName } from '../../core/values/run-id.ts';

interface Logs {
  /** Time of the lines; ISO 8601. */
  readonly at: string;
  /** The only line of its log. */
  readonly text: string;
  /** More fields of its only kept exchange. */
  readonly exchange?: JsonObject;
}

export async function storeRun(
  { records, journal }: { readonly records: Records; readonly journal: Journal },
  record: RunRecord,
  { at, text, exchange = {} }: Logs,
): Promise<void> {
  const { id } = record;
  await runRecords(records).open(record);
  await journal.append(runLogName(id), [{ at, step: 1, text }]);
  await journal.append(exchangeLogName(id), [{ step: 1, attempt: 1, ...exchange }]);
  await appendAudit(journal, {
    id: ulid(),
    at,
    tenant: 'default',
    actor: SYSTEM,
    way: 'worker',
    run: id,
    action: 'circuit_opened',
  });
}
