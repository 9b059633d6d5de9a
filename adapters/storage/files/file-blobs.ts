/** Stores values under their content hash as files, `<dir>/<first two hex>/<hash>`, which never change. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../../../core/values/digest.ts';
import type { Blobs } from '../../../core/storage/blobs.ts';
import { checkedBlob, isBlobHash } from '../blob.ts';
import { isErrno, makeDir, storageError, writeAtomic } from '../../files/files.ts';

export function openFileBlobs(dir: string): Blobs {
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      const file = fileOf(dir, hash);
      if ((await sizeOf(file)) === bytes.byteLength) return hash;
      await makeDir(path.dirname(file));
      await writeAtomic(file, bytes);
      return hash;
    },
    get: async (hash) => {
      return checkedBlob(hash, isBlobHash(hash) ? await readBlob(fileOf(dir, hash), hash) : undefined);
    },
  };
}

function fileOf(dir: string, hash: string): string {
  return path.join(dir, hash.slice(0, 2), hash);
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw storageError('Cannot check for a blob', error);
  }
}

async function readBlob(file: string, hash: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw storageError(`Cannot read blob "${hash}"`, error);
  }
}
