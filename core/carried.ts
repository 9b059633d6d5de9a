/** How values travel through a workflow: small ones inline, large ones as the hash of a blob. Zod-free. */
import type { JsonValue } from './json.ts';

/**
 * A JSON value on its way between steps. `ref` is the SHA-256 (hex) of the blob that holds its JSON text of `bytes`
 * bytes. `parts` are the outputs of a parallel group in declared order, joined where they are read, so that the
 * workflow never loads a large value to concatenate it.
 */
export type Carried =
  | { readonly value: JsonValue }
  | { readonly ref: string; readonly bytes: number }
  | { readonly parts: readonly Carried[] };

/** JSON texts longer than this many bytes travel as a blob. */
export const INLINE_MAX_BYTES = 16 * 1024;

/** The largest value that may travel at all. */
export const CARRIED_MAX_BYTES = 32 * 1024 * 1024;

/** What the outputs of a group become: strings joined by newline, anything else a JSON array. */
export function joinParts(parts: readonly JsonValue[]): JsonValue {
  return parts.every((part) => typeof part === 'string') ? parts.join('\n') : parts;
}
