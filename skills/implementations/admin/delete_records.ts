/** Deletes records: those that are named, else those whose time to be kept has passed. */
import type { SkillContext } from 'skillos';
import { todayIn } from '../language/dates.ts';
import { RecordStore } from './record_store.ts';
import type { Deletion } from './record_store.ts';
import { expiredOn, selectionOf } from './selection.ts';
import type { Wanted } from './selection.ts';

export interface DeleteRequest extends Wanted {
  readonly store?: string;
}

/** Whole records, so that it is all that `admin/restore_records` needs to undo the deletion. */
export interface DeleteResult extends Deletion {
  readonly store: string;
  readonly remaining: number;
}

export async function run(request: DeleteRequest, ctx: SkillContext): Promise<DeleteResult> {
  const result = await deleteRecords(request, new RecordStore(request.store), ctx.idempotencyKey);
  ctx.log(`Deleted ${result.deleted.length} records (${result.selection})`, { remaining: result.remaining });
  return result;
}

export async function deleteRecords(request: Wanted, store: RecordStore, key: string): Promise<DeleteResult> {
  const today = todayIn();
  const selection = selectionOf(request, today) ?? expiredOn(today);
  const deletion = await store.delete(key, (records) => ({
    deleted_at: new Date().toISOString(),
    selection: selection.says,
    deleted: records.filter((record) => selection.has(record)),
  }));
  return { store: store.name, ...deletion, remaining: (await store.list()).length };
}
