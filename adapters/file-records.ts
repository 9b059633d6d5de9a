/** Documents as files: `<dir>/<kind>/<key>.json`, replaced whole, changed under a lock per key. */
import { readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { readdir, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { ListPage, Records, Stored } from '../core/ports.ts';
import { TEMP_PREFIX, isErrno, makeDir, storageError, syncFolder, writeAtomic } from './files.ts';
import { withLock } from './lock.ts';
import { checkKind, checkRecordName, isKey } from './state-names.ts';

const SUFFIX = '.json';
const DEFAULT_LIMIT = 100;
/** How many documents of a page are read between two turns of the event loop. */
const READ_TOGETHER = 64;
/** A temporary file this old belongs to a process that was killed. */
const TEMP_MAX_AGE_MS = 60 * 60 * 1000;

type Change<T> = (current: T | undefined) => T | undefined;

/** For processes of one host; the folder is made with the first document. */
export function openFileRecords(dir: string): Records {
  return {
    get: async <T extends JsonObject>(kind: string, key: string) =>
      readDocument(documentOf(dir, kind, key)) as T | undefined, // its shape is up to the caller, who wrote it
    update: async <T extends JsonObject>(kind: string, key: string, change: Change<T>) => {
      const document = documentOf(dir, kind, key);
      return withLock(path.join(dir, '.locks', `${kind}.${key}`), () => updateDocument(document, change));
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

interface Document {
  readonly file: string;
  readonly kind: string;
  readonly key: string;
}

function documentOf(dir: string, kind: string, key: string): Document {
  checkRecordName(kind, key);
  return { file: path.join(dir, kind, key + SUFFIX), kind, key };
}

async function updateDocument<T extends JsonObject>(
  document: Document,
  change: Change<T>,
): Promise<T | undefined> {
  const current = readDocument(document) as T | undefined; // as in `get`
  const next = change(current);
  if (next === current) return current;
  if (next === undefined) await removeDocument(document);
  else await writeDocument(document, next);
  return next;
}

async function writeDocument(document: Document, value: JsonObject): Promise<void> {
  const text = `${JSON.stringify(value)}\n`;
  try {
    await writeAtomic(document.file, text);
  } catch (error) {
    if (!(error instanceof SkillosError && isErrno(error.cause, 'ENOENT'))) throw error;
    await makeDir(path.dirname(document.file));
    await writeAtomic(document.file, text);
  }
}

async function removeDocument(document: Document): Promise<void> {
  try {
    await unlink(document.file);
    await syncFolder(path.dirname(document.file));
  } catch (error) {
    throw storageError(`Cannot remove ${nameOf(document)}`, error);
  }
}

/** Documents are small and mostly in the page cache, so reading one in place beats the trips to the thread pool. */
function readDocument(document: Document): JsonObject | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(document.file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw storageError(`Cannot read ${nameOf(document)}`, error);
  }
  return parseDocument(bytes, document);
}

function parseDocument(bytes: Uint8Array, document: Document): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(document, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(document);
  return value as JsonObject; // parsed from JSON
}

function corrupt(document: Document, cause?: unknown): SkillosError {
  return new SkillosError('state_corrupt', `State ${nameOf(document)} is not a JSON object`, {
    details: { kind: document.kind, key: document.key },
    cause,
  });
}

function nameOf(document: Document): string {
  return JSON.stringify(`${document.kind}/${document.key}`);
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
    const values = batch.map((document) => readDocument(document) as T | undefined);
    await nextTurn();
    values.forEach((value, index) => {
      if (value !== undefined) found.push({ key: (batch[index] as Document).key, value });
    });
  }
  return found;
}
