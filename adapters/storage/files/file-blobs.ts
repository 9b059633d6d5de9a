/** Stores values under their content hash as files, `<dir>/<first two hex>/<hash>`, which never change. */
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../../../core/values/digest.ts';
import type { Blobs, ContentStore } from '../../../core/storage/blobs.ts';
import { isErrno, makeDir, storageError, writeAtomic } from '../../files/files.ts';
import { checkedBlob, isBlobHash } from '../blob.ts';
import { openUsedFiles } from './used-files.ts';

export function openFileBlobs(dir: string): Blobs & ContentStore {
  const used = openUsedFiles(dir);
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      const file = fileOf(dir, hash);
      const size = await used.use(file);
      if (size === bytes.byteLength && isSame(bytes, await readBlob(file, hash))) return hash;
      const write = async (): Promise<void> => {
        await makeDir(path.dirname(file));
        await writeAtomic(file, bytes);
      };
      await (size === undefined ? used.create(write) : used.locked(file, write));
      return hash;
    },
    get: async (hash) => {
      return checkedBlob(hash, isBlobHash(hash) ? await readBlob(fileOf(dir, hash), hash) : undefined);
    },
    missing: async (hashes) => hashes.filter((hash) => !isBlobHash(hash) || !existsSync(fileOf(dir, hash))),
    touch: async (hashes) => {
      for (const hash of hashes) if (isBlobHash(hash)) await used.touch(fileOf(dir, hash));
    },
    removeUnused: (before, isDryRun, needed) => {
      return used.removeUnused(blobsIn(dir, needed), { before, isDryRun });
    },
  };
}

function isSame(bytes: Uint8Array, found: Uint8Array | undefined): boolean {
  return found !== undefined && Buffer.compare(bytes, found) === 0;
}

async function* blobsIn(
  dir: string,
  needed: ReadonlySet<string> = new Set(),
): AsyncGenerator<readonly string[]> {
  for (const folder of await namesIn(dir)) {
    const names = await namesIn(path.join(dir, folder));
    for (const name of names) if (isBlobHash(name) && !needed.has(name)) yield [fileOf(dir, name)];
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []); // a folder that is missing, or a file
}

function fileOf(dir: string, hash: string): string {
  return path.join(dir, hash.slice(0, 2), hash);
}

async function readBlob(file: string, hash: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw storageError(`Cannot read blob "${hash}"`, error);
  }
}
