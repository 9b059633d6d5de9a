/** Lists the records, logs and blobs in the folders of a skills root. */
import { unlinkSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Inventory } from '../../../core/storage/inventory.ts';
import { isErrno, storageError } from '../../files/files.ts';
import { isBlobHash } from '../blob.ts';
import { isKey, isKind, partsOfLog } from '../state-names.ts';
import { readKeys } from './document-pages.ts';

export interface StateFolders {
  readonly records: string;
  readonly logs: string;
  readonly blobs: string;
}

const LOG_SUFFIX = '.jsonl';
/** The first two digits of the hashes in it. */
const BLOB_FOLDER = /^[0-9a-f]{2}$/;

export function openFileInventory(folders: StateFolders): Inventory {
  return {
    kinds: async () => {
      const found = await entriesOf(folders.records);
      return found.flatMap(({ name, isFolder }) => (isFolder && isKind(name) ? [name] : []));
    },
    async *keys(kind) {
      yield* (await readKeys(path.join(folders.records, kind))).sort();
    },
    logs: () => logsBelow(folders.logs, []),
    async *blobs() {
      const found = await entriesOf(folders.blobs);
      for (const { name } of found.filter((entry) => BLOB_FOLDER.test(entry.name)))
        for (const blob of await entriesOf(path.join(folders.blobs, name)))
          if (isBlobHash(blob.name)) yield blob.name;
    },
    async removeLogs(logs) {
      for (const log of logs) {
        const file = `${path.join(folders.logs, ...partsOfLog(log))}${LOG_SUFFIX}`;
        try {
          unlinkSync(file); // ten times as fast as by the thread pool, and gc removes many
        } catch (error) {
          if (!isErrno(error, 'ENOENT'))
            throw storageError(`Cannot remove the log ${JSON.stringify(log)}`, error);
        }
      }
    },
  };
}

async function* logsBelow(folder: string, parents: readonly string[]): AsyncGenerator<string> {
  for (const { name, isFolder } of await entriesOf(folder)) {
    if (isFolder) {
      if (isKey(name)) yield* logsBelow(path.join(folder, name), [...parents, name]);
      continue;
    }
    const log = name.slice(0, -LOG_SUFFIX.length);
    if (name.endsWith(LOG_SUFFIX) && isKey(log)) yield [...parents, log].join('/');
  }
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** In the order of the names that begin with them: those in a folder begin with its name and a slash. */
async function entriesOf(folder: string): Promise<readonly Entry[]> {
  let found: Dirent[];
  try {
    found = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw storageError(`Cannot list ${JSON.stringify(path.basename(folder))}`, error);
  }
  const entries = found.map((each) => ({ name: each.name, isFolder: each.isDirectory() }));
  const orders = new Map(entries.map((entry) => [entry, orderOf(entry)]));
  return entries.sort((a, b) => ((orders.get(a) ?? '') < (orders.get(b) ?? '') ? -1 : 1));
}

function orderOf({ name, isFolder }: Entry): string {
  if (isFolder) return `${name}/`;
  return name.endsWith(LOG_SUFFIX) ? name.slice(0, -LOG_SUFFIX.length) : name;
}
