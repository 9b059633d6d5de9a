/** Makes one store equal to another, or compares them; in pieces, so that their size does not matter. */
import { ATTACHMENTS_KIND, attachmentRecords } from '../../core/attachments/attachment-records.ts';
import type { AttachmentRef } from '../../core/attachments/attachment.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Blobs } from '../../core/storage/blobs.ts';
import type { Inventory } from '../../core/storage/inventory.ts';
import type { Journal } from '../../core/storage/journal.ts';
import { MIGRATIONS_KIND } from '../../core/storage/migration.ts';
import type { Records } from '../../core/storage/records.ts';
import { MIGRATING_KIND, SERVING_KIND } from '../../core/storage/serving.ts';
import type { AuditAction } from '../../core/telemetry/audit.ts';
import { forEachOf, mergedNames } from './merged-names.ts';
import type { MergedName } from './merged-names.ts';

export interface Store {
  readonly records: Records;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly inventory: Inventory;
}

export interface StoreCopy {
  readonly source: Store;
  readonly target: Store;
  /** Copies the bytes of an attachment unless the target has the same. */
  readonly copyAttachment: (ref: AttachmentRef) => Promise<'copied' | 'present' | 'missing'>;
  /** Logs of which damaged lines are left out, and damaged blobs that are. Default: none. */
  readonly skippedLogs?: ReadonlySet<string>;
  readonly skippedBlobs?: ReadonlySet<string>;
  /** Called now and then with a part of the store and the number of its items that are done. */
  readonly onProgress: (part: string, done: number) => void;
}

/** Numbers of items in the source. */
export interface StoreCounts {
  records: number;
  logs: number;
  blobs: number;
  attachments: number;
  /** Attachments whose bytes the source no longer has. */
  missing: number;
}

/** Kinds that belong to their own store. */
const OWN_KINDS = new Set([SERVING_KIND, MIGRATING_KIND, MIGRATIONS_KIND]);
const AUDIT_LOGS = 'audit/';
const OWN_ACTION: AuditAction = 'storage_migrated';
const RECORDS_AT_ONCE = 16;
const LOGS_AT_ONCE = 8;
/** A blob has up to 32 MiB. */
const BLOBS_AT_ONCE = 2;
const NOTED_EVERY = 10_000;

/** `copy` changes the target until it equals the source; `compare` rejects with `storage_differs` if it does not. */
type Mode = 'copy' | 'compare';

export async function syncStores(copy: StoreCopy, mode: Mode): Promise<StoreCounts> {
  const counts: StoreCounts = { records: 0, logs: 0, blobs: 0, attachments: 0, missing: 0 };
  const count = (what: keyof StoreCounts): void => {
    if (++counts[what] % NOTED_EVERY === 0) copy.onProgress(what, counts[what]);
  };
  const pass: Pass = { ...copy, mode, count };
  await syncRecords(pass);
  await syncLogs(pass);
  await syncBlobs(pass);
  await syncAttachments(pass);
  return counts;
}

/** Counts what `syncStores` would copy into an empty target; of damaged records, the attachments are not counted. */
export async function countStore({ records, inventory }: Store): Promise<StoreCounts> {
  const counts: StoreCounts = { records: 0, logs: 0, blobs: 0, attachments: 0, missing: 0 };
  for (const kind of await copiedKinds(inventory))
    for await (const _key of inventory.keys(kind)) counts.records += 1;
  for await (const _log of inventory.logs()) counts.logs += 1;
  for await (const _blob of inventory.blobs()) counts.blobs += 1;
  const known = attachmentRecords(records);
  await forEachOf(inventory.keys(ATTACHMENTS_KIND), RECORDS_AT_ONCE, async (key) => {
    const record = await unlessDamaged(known.get(key));
    counts.attachments += record?.items.length ?? 0;
  });
  return counts;
}

export async function isEmpty({ inventory }: Store): Promise<boolean> {
  const names = [inventory.logs(), inventory.blobs()];
  for (const kind of await copiedKinds(inventory)) names.push(inventory.keys(kind));
  for (const each of names) for await (const _name of each) return false;
  return true;
}

interface Pass extends StoreCopy {
  readonly mode: Mode;
  readonly count: (what: keyof StoreCounts) => void;
}

export async function copiedKinds(inventory: Inventory): Promise<readonly string[]> {
  return (await inventory.kinds()).filter((kind) => !OWN_KINDS.has(kind));
}

async function syncRecords(pass: Pass): Promise<void> {
  const { source, target } = pass;
  const kinds = await Promise.all([source, target].map(({ inventory }) => copiedKinds(inventory)));
  for (const kind of new Set(kinds.flat())) {
    const keys = mergedNames(source.inventory.keys(kind), target.inventory.keys(kind));
    await forEachOf(keys, RECORDS_AT_ONCE, (key) => syncRecord(pass, kind, key));
  }
}

async function syncRecord(
  { source, target, mode, count }: Pass,
  kind: string,
  { name: key, inSource, inTarget }: MergedName,
): Promise<void> {
  const [wanted, found] = await Promise.all([
    inSource ? source.records.get(kind, key) : undefined,
    inTarget ? target.records.get(kind, key) : undefined,
  ]);
  if (wanted !== undefined) count('records');
  if (isSame(wanted, found)) return;
  if (mode === 'compare') throw differs(`record "${kind}/${key}"`);
  await target.records.update<JsonObject>(kind, key, () => wanted);
}

async function syncLogs(pass: Pass): Promise<void> {
  const { source, target, mode, count } = pass;
  const logs = mergedNames(source.inventory.logs(), target.inventory.logs());
  await forEachOf(logs, LOGS_AT_ONCE, async ({ name: log, inSource }) => {
    if (inSource) count('logs');
    if (await continueLog(pass, log)) return;
    if (mode === 'compare') throw differs(`log "${log}"`);
    await target.inventory.removeLogs([log]);
    await continueLog(pass, log);
  });
}

/** Appends the entries that the target lacks. Resolves to false if those that it has are not the first of the source. */
async function continueLog({ source, target, mode, skippedLogs }: Pass, log: string): Promise<boolean> {
  const present = entriesOf(target.journal, log);
  const onCorrupt = skippedLogs?.has(log) === true ? () => undefined : undefined;
  let isAtEnd = false;
  for await (const piece of piecesOf(source.journal, log, onCorrupt)) {
    const missing: JsonObject[] = [];
    for (const entry of piece) {
      const next: IteratorResult<JsonObject, undefined> | undefined = isAtEnd
        ? undefined
        : await present.next();
      isAtEnd ||= next?.done === true;
      if (isAtEnd) missing.push(entry);
      else if (!isSame(entry, next?.value)) return false;
    }
    if (missing.length === 0) continue;
    if (mode === 'compare') return false;
    await target.journal.append(log, missing);
  }
  return isAtEnd || (await present.next()).done === true;
}

/**
 * Rejects with `storage_not_empty` if an audit log of the target has an entry that that of the source lacks: somebody used the
 * target. Entries of the migration itself, which its interruption left at the end, do not count.
 */
export async function refuseOwnAudit({ source, target }: StoreCopy): Promise<void> {
  for await (const log of target.inventory.logs()) {
    if (!log.startsWith(AUDIT_LOGS)) continue;
    const originals = entriesOf(source.journal, log);
    let isCopy = true;
    for await (const entry of entriesOf(target.journal, log)) {
      isCopy &&= isSame(entry, (await originals.next()).value);
      if (isCopy || entry['action'] === OWN_ACTION) continue;
      throw new SkillosError(
        'storage_not_empty',
        `The target was used since the migration began: its log "${log}" has entries that the source lacks`,
      );
    }
  }
}

/** Reads a log in pieces; `onCorrupt` as for `Journal.read`. */
export async function* piecesOf(
  journal: Journal,
  log: string,
  onCorrupt?: () => void,
): AsyncGenerator<readonly JsonObject[]> {
  for (let after = 0; ;) {
    const { entries, next } = await journal.read(log, after, onCorrupt);
    if (next === after) return;
    yield entries;
    after = next;
  }
}

async function* entriesOf(journal: Journal, log: string): AsyncGenerator<JsonObject, undefined> {
  for await (const piece of piecesOf(journal, log)) yield* piece;
  return undefined;
}

/** A blob that the target alone has is of use to nobody; `storage gc` removes it. */
async function syncBlobs({ source, target, mode, count, skippedBlobs }: Pass): Promise<void> {
  const blobs = mergedNames(source.inventory.blobs(), target.inventory.blobs());
  await forEachOf(blobs, BLOBS_AT_ONCE, async ({ name: hash, inSource, inTarget }) => {
    if (!inSource || skippedBlobs?.has(hash) === true) return;
    count('blobs');
    if (inTarget && (await unlessDamaged(target.blobs.get(hash))) !== undefined) return;
    if (mode === 'compare') throw differs(`blob "${hash}"`);
    await target.blobs.put(await source.blobs.get(hash));
  });
}

/** Resolves to undefined instead of rejecting with `state_corrupt` or `blob_unavailable`. */
export async function unlessDamaged<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isSkillosError(error, 'state_corrupt') || isSkillosError(error, 'blob_unavailable')) return undefined;
    throw error;
  }
}

async function syncAttachments({ source, mode, count, copyAttachment }: Pass): Promise<void> {
  for await (const refs of attachmentsOf(source)) {
    for (const ref of refs) {
      count('attachments');
      const outcome = await copyAttachment(ref);
      if (outcome === 'missing') count('missing');
      if (outcome === 'copied' && mode === 'compare') throw differs(`attachment "${ref.id}"`);
    }
  }
}

/** A job that repeats another has the attachments of that one, so that some come twice. */
async function* attachmentsOf({ records }: Store): AsyncGenerator<readonly AttachmentRef[]> {
  for await (const { items } of attachmentRecords(records).all()) yield items;
}

function isSame(left: JsonObject | undefined, right: JsonObject | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function differs(what: string): SkillosError {
  return new SkillosError('storage_differs', `The copy of ${what} differs from the original`);
}
