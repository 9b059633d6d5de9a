/** What the stores of blobs have in common. */
import { sha256 } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';

const HASH = /^[0-9a-f]{64}$/;

export function isBlobHash(text: string): boolean {
  return HASH.test(text);
}

/** The bytes that were found under a hash; throws `blob_unavailable` for none and `state_corrupt` for others. */
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
