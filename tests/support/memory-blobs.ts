/** `Blobs` in memory. */
import { sha256 } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Blobs } from '../../core/storage/blobs.ts';

export function memoryBlobs(): Blobs {
  const blobs = new Map<string, Uint8Array>();
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      blobs.set(hash, Uint8Array.from(bytes));
      return hash;
    },
    get: async (hash) => {
      const bytes = blobs.get(hash);
      if (bytes === undefined) throw new SkillosError('blob_unavailable', `No blob "${hash}"`);
      return Uint8Array.from(bytes);
    },
    missing: async (hashes) => hashes.filter((hash) => !blobs.has(hash)),
    touch: async () => undefined,
  };
}
