/** Checks that the stores of blobs share. */
import { sha256 } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';

const HASH = /^[0-9a-f]{64}$/;

export function isBlobHash(text: string): boolean {
  return HASH.test(text);
}

/**
 * Returns the bytes found under a hash. Throws `blob_unavailable` if there are none, and `state_corrupt` if
 * they have another hash.
 */
export function checkedBlob(hash: string, found: Uint8Array | undefined): Uint8Array {
  if (found === undefined) {
    const shown = JSON.stringify(hash.slice(0, 64));
    throw new SkillosError('blob_unavailable', `No blob ${shown} is in the store`);
  }
  if (sha256(found) === hash) return found;
  throw new SkillosError('state_corrupt', `Blob "${hash}" does not hold what its hash says`, {
    details: { kind: 'blobs', key: hash },
  });
}
