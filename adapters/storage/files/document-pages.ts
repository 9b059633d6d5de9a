/** Reads pages of documents in a folder: lists the files, then reads those of the page. */
import type { Stats } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../../core/json.ts';
import type { Where } from '../../../core/storage/record-index.ts';
import type { AllPages, ListPage, Stored } from '../../../core/storage/records.ts';
import { isErrno, storageError } from '../../files/files.ts';
import { isKey } from '../state-names.ts';
import { tempFolderOf } from './document-file.ts';
import { versionOf } from './index-facts.ts';
import type { DocumentFolder } from './index-facts.ts';
import type { Candidate } from './index-search.ts';
import { keysOfPage } from './sorted-keys.ts';
import type { ListIndex } from './list-index.ts';

export const SUFFIX = '.json';
const DEFAULT_LIMIT = 100;
/** Number of documents read per turn of the event loop. */
const READ_TOGETHER = 64;
/** Age at which a temporary file must belong to a killed process. */
const TEMP_MAX_AGE_MS = 60 * 60 * 1000;

/** Resolves to the keys of the documents, in any order. */
export async function readKeys(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw storageError(`Cannot list ${JSON.stringify(path.basename(folder))}`, error);
  }
  await sweepTemps(tempFolderOf(folder));
  return names.flatMap((name) => {
    const key = name.slice(0, -SUFFIX.length);
    return name.endsWith(SUFFIX) && isKey(key) ? [key] : [];
  });
}

/** Removes temporary files of killed processes; a file that disappears meanwhile was in use. */
async function sweepTemps(folder: string): Promise<void> {
  const oldest = Date.now() - TEMP_MAX_AGE_MS;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const found: Stats | undefined = await stat(file).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < oldest) await rm(file, { force: true });
  }
}

/** Reads documents in the order of their keys until the page is full. */
export async function readInOrder(
  { keys, read }: DocumentFolder,
  page: ListPage,
): Promise<readonly Stored<JsonObject>[]> {
  const sorted = [...(await keys())].sort();
  return readPage(keysOfPage(sorted, page), page, (key) => ({ key, value: read(key) }));
}

/** Lists the folder once for all pages. */
export async function* readAllPages(
  { keys, read }: DocumentFolder,
  { limit, ...order }: AllPages,
): AsyncGenerator<readonly Stored<JsonObject>[]> {
  const sorted = keysOfPage([...(await keys())].sort(), order);
  for (let from = 0; from < sorted.length; from += limit)
    yield await readPage(sorted.slice(from, from + limit), { limit }, (key) => ({ key, value: read(key) }));
}

async function readPage<Item>(
  candidates: Iterable<Item>,
  { limit = DEFAULT_LIMIT }: ListPage,
  read: (candidate: Item) => { readonly key: string; readonly value: JsonObject | undefined },
): Promise<readonly Stored<JsonObject>[]> {
  const found: Stored<JsonObject>[] = [];
  let reads = 0;
  for (const candidate of candidates) {
    if (found.length === limit) break;
    const { key, value } = read(candidate);
    if (value !== undefined) found.push({ key, value });
    if (++reads % READ_TOGETHER === 0) await nextTurn();
  }
  return found;
}

/** Reads matching documents until the page is full; reads and indexes those without a line in the index. */
export async function readMatching(
  { fileOf, read }: DocumentFolder,
  page: ListPage & { readonly where: Where },
  index: ListIndex,
): Promise<readonly Stored<JsonObject>[]> {
  const { where } = page;
  const learned: string[] = [];
  const candidates = index.search(await index.read(), page);
  const found = await readPage(candidates, page, ({ key, isKnown }: Candidate) => {
    const version = isKnown ? undefined : versionOf(fileOf(key));
    const value = read(key);
    if (value !== undefined && version !== undefined && version === versionOf(fileOf(key))) {
      learned.push(index.lineOf(key, value, version));
    }
    return { key, value: value !== undefined && index.matches(value, where) ? value : undefined };
  });
  await index.remember(learned);
  return found;
}
