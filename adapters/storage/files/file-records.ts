/** Stores documents as files, `<dir>/<kind>/<key>.json`, and changes them under a lock per key. */
import path from 'node:path';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import { RECORD_INDEXES } from '../../../core/storage/record-index.ts';
import type { AllPages, ListPage, RecordRemoval, Records, Stored } from '../../../core/storage/records.ts';
import { syncFolder } from '../../files/files.ts';
import { withLock } from '../../files/lock.ts';
import { inBatches } from '../batches.ts';
import { foldChanges, resultOf } from '../changes.ts';
import type { Change, Changed } from '../changes.ts';
import { checkKind, checkRecordName, checkWhere } from '../state-names.ts';
import { readDocument, removeDocument, unlinkDocument, writeDocument } from './document-file.ts';
import type { DocumentFile, StoredText } from './document-file.ts';
import { SUFFIX, readAllPages, readInOrder, readKeys, readMatching } from './document-pages.ts';
import type { DocumentFolder } from './index-facts.ts';
import { openListIndex } from './list-index.ts';
import type { ListIndex } from './list-index.ts';

/** For processes of one host; the first document creates the folder. */
export function openFileRecords(dir: string): Records & RecordRemoval {
  const folderOf = (kind: string): DocumentFolder => ({
    path: path.join(dir, kind),
    keys: () => readKeys(path.join(dir, kind)),
    fileOf: (key) => path.join(dir, kind, key + SUFFIX),
    read: (key) => valueOf(documentOf(dir, kind, key)),
  });
  const indexes = new Map(
    Object.entries(RECORD_INDEXES).map(([kind, index]) => [kind, openListIndex(index, folderOf(kind))]),
  );
  const lockOf = ({ kind, key }: Document) => path.join(dir, '.locks', `${kind}.${key}`);
  const update = inBatches<Change<JsonObject>, Changed>((name, changes) => {
    const [kind = '', key = ''] = name.split('/');
    const document = documentOf(dir, kind, key);
    return withLock(lockOf(document), () => applyChanges(document, changes, indexes.get(kind)));
  });
  return {
    get: async <T extends JsonObject>(kind: string, key: string) =>
      valueOf(documentOf(dir, kind, key)) as T | undefined, // the caller has written it, and determines its shape
    update: async <T extends JsonObject>(kind: string, key: string, change: Change<T>) => {
      checkRecordName(kind, key);
      const changed = await update(`${kind}/${key}`, change as unknown as Change<JsonObject>);
      return resultOf(changed) as T | undefined; // returned by `change`
    },
    list: async <T extends JsonObject>(kind: string, page: ListPage = {}) => {
      checkKind(kind);
      checkWhere(kind, page);
      const folder = folderOf(kind);
      const index = indexes.get(kind);
      const { where } = page;
      const found =
        where === undefined || index === undefined
          ? await readInOrder(folder, page)
          : await readMatching(folder, { ...page, where }, index);
      return found as readonly Stored<T>[]; // as for `get`
    },
    pages: <T extends JsonObject>(kind: string, page: AllPages) => {
      checkKind(kind);
      return readAllPages(folderOf(kind), page) as AsyncIterable<readonly Stored<T>[]>; // as for `get`
    },
    removeUnchanged: async (kind, documents) => {
      const removed: string[] = [];
      for (const { key, value } of documents) {
        const document = documentOf(dir, kind, key);
        const remove = () => removeIf(document, JSON.stringify(value), indexes.get(kind));
        if (await withLock(lockOf(document), remove)) removed.push(key);
      }
      if (removed.length > 0) await syncFolder(path.join(dir, kind));
      return removed;
    },
  };
}

interface Document extends DocumentFile {
  readonly kind: string;
  readonly key: string;
}

function documentOf(dir: string, kind: string, key: string): Document {
  checkRecordName(kind, key);
  const name = JSON.stringify(`${kind}/${key}`);
  return { file: path.join(dir, kind, key + SUFFIX), name, kind, key };
}

async function applyChanges(
  document: Document,
  changes: readonly Change<JsonObject>[],
  index: ListIndex | undefined,
): Promise<readonly Changed[]> {
  const stored = readDocument(document);
  const before = stored === undefined ? undefined : textOf(stored, document);
  const { text, results } = foldChanges(before, changes, (each) => parse(each, document));
  if (text === before) return results;
  const valueAt = (version: string | undefined) =>
    version === undefined ? undefined : parse(version, document);
  const end = await index?.begin(document.key, valueAt(before));
  if (text === undefined) await removeDocument(document);
  else await writeDocument(document, text, stored);
  await end?.(valueAt(text));
  return results;
}

/**
 * Removes the document if its text is this one; the caller syncs the folder. A line of the index that outlives the document
 * costs a list one file that is not there.
 */
async function removeIf(document: Document, text: string, index: ListIndex | undefined): Promise<boolean> {
  const value = valueOf(document);
  if (value === undefined || JSON.stringify(value) !== text) return false;
  const end = index?.beginRemoval();
  unlinkDocument(document);
  await end?.(document.key);
  return true;
}

function valueOf(document: Document): JsonObject | undefined {
  const stored = readDocument(document);
  return stored === undefined ? undefined : parse(textOf(stored, document), document);
}

function textOf({ text }: StoredText, document: Document): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch (error) {
    throw corrupt(document, error);
  }
}

function parse(text: string, document: Document): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw corrupt(document, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(document);
  return value as JsonObject; // parsed from JSON
}

function corrupt({ kind, key, name }: Document, cause?: unknown): SkillosError {
  return new SkillosError('state_corrupt', `State ${name} is not a JSON object`, {
    details: { kind, key },
    cause,
  });
}
