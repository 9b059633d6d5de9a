/** Values in a workflow history: small ones inline, large ones as the hash of a blob (claim check pattern). Without zod. */
import type { JsonValue } from '../json.ts';

/**
 * A JSON value that is passed between steps. `ref` is the SHA-256 (hex) of the blob with its JSON text, which has
 * `bytes` bytes. `parts` are the outputs of a parallel group in declared order; the reader joins them, so that the
 * workflow never loads a large value.
 */
export type Carried =
  | { readonly value: JsonValue }
  | { readonly ref: string; readonly bytes: number }
  | { readonly parts: readonly Carried[] };

/** A longer JSON text is stored as a blob. */
export const INLINE_MAX_BYTES = 16 * 1024;

/** Largest JSON text that may be passed. */
export const CARRIED_MAX_BYTES = 32 * 1024 * 1024;

/** Joins the outputs of a group: strings with newlines, other values as a JSON array. */
export function joinParts(parts: readonly JsonValue[]): JsonValue {
  return parts.every((part) => typeof part === 'string') ? parts.join('\n') : parts;
}

/** Bytes of the blobs that hold the value. */
export function storedBytes(carried: Carried): number {
  if ('parts' in carried) return carried.parts.reduce((sum, part) => sum + storedBytes(part), 0);
  return 'ref' in carried ? carried.bytes : 0;
}

/** Hashes of the blobs that hold the value. */
export function refsIn(carried: Carried): readonly string[] {
  if ('parts' in carried) return carried.parts.flatMap(refsIn);
  return 'ref' in carried ? [carried.ref] : [];
}
