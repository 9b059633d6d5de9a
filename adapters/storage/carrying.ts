/** Passes values through a workflow: a large value is stored as a blob and represented by its hash. */
import type { Carried } from '../../core/values/carried.ts';
import { CARRIED_MAX_BYTES, INLINE_MAX_BYTES, joinParts } from '../../core/values/carried.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Blobs } from '../../core/storage/blobs.ts';

/** Maximum depth of nested groups; no plan reaches it. */
const MAX_DEPTH = 64;

export function carry(value: JsonValue, blobs: Blobs): Promise<Carried> {
  return carryText(JSON.stringify(value), blobs);
}

/** `text` must be JSON. Rejects with `payload_too_large` above `CARRIED_MAX_BYTES`. */
export async function carryText(text: string, blobs: Blobs): Promise<Carried> {
  const bytes = Buffer.byteLength(text);
  assertSize(bytes);
  if (bytes <= INLINE_MAX_BYTES) return { value: JSON.parse(text) as JsonValue };
  return { ref: await blobs.put(Buffer.from(text)), bytes };
}

/**
 * Returns the value, loaded and joined. Rejects with `payload_too_large` if the parts of a group together
 * exceed `CARRIED_MAX_BYTES`.
 */
export async function uncarry(carried: Carried, blobs: Blobs): Promise<JsonValue> {
  assertSize(bytesOf(carried, 0));
  return load(carried, blobs);
}

async function load(carried: Carried, blobs: Blobs): Promise<JsonValue> {
  if ('value' in carried) return carried.value;
  if ('parts' in carried) return joinParts(await Promise.all(carried.parts.map((part) => load(part, blobs))));
  const bytes = await blobs.get(carried.ref);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as JsonValue;
  } catch (error) {
    throw new SkillosError('state_corrupt', `Blob "${carried.ref}" is not JSON`, { cause: error });
  }
}

function bytesOf(carried: Carried, depth: number): number {
  if (depth > MAX_DEPTH) {
    throw new SkillosError('payload_too_large', `A value of more than ${MAX_DEPTH} nested groups`);
  }
  if ('ref' in carried) return carried.bytes;
  if ('value' in carried) return Buffer.byteLength(JSON.stringify(carried.value));
  return carried.parts.reduce((sum, part) => sum + bytesOf(part, depth + 1), 0);
}

function assertSize(bytes: number): void {
  if (bytes <= CARRIED_MAX_BYTES) return;
  throw new SkillosError(
    'payload_too_large',
    `A value of ${bytes} bytes: expected at most ${CARRIED_MAX_BYTES}`,
    {
      details: { bytes, max_bytes: CARRIED_MAX_BYTES },
    },
  );
}
