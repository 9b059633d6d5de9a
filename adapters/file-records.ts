/** Documents as files: `<dir>/<kind>/<key>.json`, changed under a lock per key. */
import type { Stats } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { ListPage, Records, Stored } from '../core/ports.ts';
import { inBatches } from './batches.ts';
import { foldChanges, resultOf } from './changes.ts';
import type { Change, Changed } from './changes.ts';
import { readDocument, removeDocument, writeDocument } from './document-file.ts';
import type { DocumentFile, StoredText } from './document-file.ts';
import { TEMP_PREFIX, isErrno, storageError } from './files.ts';
import { withLock } from './lock.ts';
import { checkKind, checkRecordName, isKey } from './state-names.ts';

const SUFFIX = '.json';
const DEFAULT_LIMIT = 100;
/** How many documents of a page are read between two turns of the event loop. */
const READ_TOGETHER = 64;
/** A temporary file this old belongs to a process that was killed. */
const TEMP_MAX_AGE_MS = 60 * 60 * 1000;

/** For processes of one host; the folder is made with the first document. */
export function openFileRecords(dir: string): Records {
  const update = inBatches<Change<JsonObject>, Changed>((name, changes) => {
    const [kind = '', key = ''] = name.split('/');
    const document = documentOf(dir, kind, key);
    return withLock(path.join(dir, '.locks', `${kind}.${key}`), () => applyChanges(document, changes));
  });
  return {
    get: async <T extends JsonObject>(kind: string, key: string) =>
      valueOf(documentOf(dir, kind, key)) as T | undefined, // its shape is up to the caller, who wrote it
    update: async <T extends JsonObject>(kind: string, key: string, change: Change<T>) => {
      checkRecordName(kind, key);
      const changed = await update(`${kind}/${key}`, change as unknown as Change<JsonObject>);
      return resultOf(changed) as T | undefined; // what `change` returned
    },
    list: async <T extends JsonObject>(kind: string, page: ListPage = {}) => {
      checkKind(kind);
      const folder = path.join(dir, kind);
      const keys = keysOfPage(await readKeys(folder), page);
      return readDocuments<T>(
        keys.map((key) => documentOf(dir, kind, key)),
        page.limit ?? DEFAULT_LIMIT,
      );
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
): Promise<readonly Changed[]> {
  const stored = readDocument(document);
  const before = stored === undefined ? undefined : textOf(stored, document);
  const { text, results } = foldChanges(before, changes, (each) => parse(each, document));
  if (text === before) return results;
  if (text === undefined) await removeDocument(document);
  else await writeDocument(document, text, stored);
  return results;
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

async function readKeys(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw storageError(`Cannot list ${JSON.stringify(path.basename(folder))}`, error);
  }
  await sweepTemps(
    folder,
    names.filter((name) => name.startsWith(TEMP_PREFIX)),
  );
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .filter(isKey);
}

/** Removes what killed processes left; a file that vanishes meanwhile was in use. */
async function sweepTemps(folder: string, names: readonly string[]): Promise<void> {
  const oldest = Date.now() - TEMP_MAX_AGE_MS;
  for (const name of names) {
    const file = path.join(folder, name);
    const found: Stats | undefined = await stat(file).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < oldest) await rm(file, { force: true });
  }
}

/** Keys after the page's `after` in its order, to the end: a document removed meanwhile must not shorten the page. */
function keysOfPage(keys: readonly string[], { after, descending = false }: ListPage): readonly string[] {
  const wanted = after === undefined ? keys : keys.filter((key) => (descending ? key < after : key > after));
  const sorted = wanted.toSorted();
  return descending ? sorted.reverse() : sorted;
}

async function readDocuments<T extends JsonObject>(
  documents: readonly Document[],
  limit: number,
): Promise<readonly Stored<T>[]> {
  const found: Stored<T>[] = [];
  for (let at = 0; at < documents.length && found.length < limit;) {
    const batch = documents.slice(at, at + Math.min(READ_TOGETHER, limit - found.length));
    at += batch.length;
    const values = batch.map((document) => valueOf(document) as T | undefined);
    await nextTurn();
    values.forEach((value, index) => {
      if (value !== undefined) found.push({ key: (batch[index] as Document).key, value });
    });
  }
  return found;
}
