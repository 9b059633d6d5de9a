/** Puts deleted records back: those of a deletion's recorded output, else those of the latest deletion. */
import { RecordStore } from './record_store.ts';
import type { StoredRecord } from './record_store.ts';

export interface RestoreRequest {
  readonly query?: string;
  readonly store?: string;
  readonly deleted?: readonly StoredRecord[];
}

export interface RestoreResult {
  readonly store: string;
  /** Ids; those that existed already are not among them. */
  readonly restored: readonly string[];
  readonly total: number;
}

export async function run(request: RestoreRequest): Promise<RestoreResult> {
  return restoreRecords(request, new RecordStore(request.store));
}

export async function restoreRecords(request: RestoreRequest, store: RecordStore): Promise<RestoreResult> {
  const deleted = request.deleted ?? (await store.latestDeletion())?.deleted ?? [];
  const restored = await store.restore(deleted);
  return { store: store.name, restored: restored.map(({ id }) => id), total: (await store.list()).length };
}
