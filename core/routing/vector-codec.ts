/** Encodes the vectors of skills as bytes, with a digest, so that a file that was cut off or changed is not read. */
import { sha256 } from '../values/digest.ts';

/** Vectors of one model by the digests of the texts that they stand for. */
export interface VectorTable {
  readonly dimensions: number;
  /** Of the model, see `SkillVectors`. */
  readonly background: number;
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

/** Bytes of a SHA-256 in hex. */
const DIGEST_BYTES = 64;
const HEADER_BYTES = DIGEST_BYTES + 8;

/** Layout: SHA-256 in hex of the rest; dimensions; background; then for each vector its digest, in hex, and its numbers. */
export function encodeVectors({ dimensions, background, vectors }: VectorTable): Uint8Array {
  const entry = DIGEST_BYTES + dimensions * 4;
  const bytes = new Uint8Array(HEADER_BYTES + vectors.size * entry);
  const header = new DataView(bytes.buffer);
  header.setUint32(DIGEST_BYTES, dimensions);
  header.setFloat32(DIGEST_BYTES + 4, background);
  let at = HEADER_BYTES;
  for (const [digest, vector] of vectors) {
    bytes.set(new TextEncoder().encode(digest), at);
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, dimensions * 4), at + DIGEST_BYTES);
    at += entry;
  }
  bytes.set(new TextEncoder().encode(sha256(bytes.subarray(DIGEST_BYTES))));
  return bytes;
}

/** Returns undefined unless the bytes are a complete result of `encodeVectors`, on a machine with the same byte order. */
export function decodeVectors(bytes: Uint8Array): VectorTable | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  if (textOf(bytes.subarray(0, DIGEST_BYTES)) !== sha256(bytes.subarray(DIGEST_BYTES))) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  const dimensions = header.getUint32(DIGEST_BYTES);
  const entry = DIGEST_BYTES + dimensions * 4;
  const vectors = new Map<string, Float32Array>();
  for (let at = HEADER_BYTES; at < bytes.length; at += entry) {
    const values = new Uint8Array(bytes.subarray(at + DIGEST_BYTES, at + entry)); // a copy, which is aligned
    vectors.set(textOf(bytes.subarray(at, at + DIGEST_BYTES)), new Float32Array(values.buffer));
  }
  return { dimensions, background: header.getFloat32(DIGEST_BYTES + 4), vectors };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
