/** Records of the sample store, all or by kind, date and retention. */
import { todayIn } from '../language/dates.ts';
import { RecordStore } from './record_store.ts';
import type { StoredRecord } from './record_store.ts';
import { selectionOf } from './selection.ts';
import type { Wanted } from './selection.ts';

export interface ListRequest extends Wanted {
  readonly store?: string;
}

export interface RecordList {
  readonly store: string;
  readonly total: number;
  readonly records: readonly StoredRecord[];
}

export async function run(request: ListRequest): Promise<RecordList> {
  return listRecords(request, new RecordStore(request.store));
}

export async function listRecords(request: Wanted, store: RecordStore): Promise<RecordList> {
  const selection = selectionOf(request, todayIn());
  const records = (await store.list()).filter((record) => selection?.has(record) ?? true);
  return { store: store.name, total: records.length, records };
}
