/** Values by content hash as files: `<dir>/<first two hex>/<hash>`, written once and never changed. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';
import type { Blobs } from '../core/ports.ts';
import { isErrno, makeDir, storageError, writeAtomic } from './files.ts';

const HASH = /^[0-9a-f]{64}$/;

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
      if (!HASH.test(hash)) throw unavailable(hash);
      const bytes = await readBlob(fileOf(dir, hash), hash);
      if (sha256(bytes) === hash) return bytes;
      throw new SkillosError('state_corrupt', `Blob "${hash}" does not hold what its hash says`, {
        details: { kind: 'blobs', key: hash },
      });
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
    throw storageError('Cannot look for a blob', error);
  }
}

async function readBlob(file: string, hash: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw unavailable(hash);
    throw storageError(`Cannot read blob "${hash}"`, error);
  }
}

function unavailable(hash: string): SkillosError {
  return new SkillosError('blob_unavailable', `No blob ${JSON.stringify(hash.slice(0, 64))} is in the store`);
}
