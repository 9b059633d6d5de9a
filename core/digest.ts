/** Canonical JSON and its SHA-256: what digests, content hashes and cache keys are made of. */
import { createHash } from 'node:crypto';
import type { JsonValue } from './json.ts';

/** JSON with sorted keys and no spaces, so that equal values have equal texts. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(sorted(value));
}

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as { [key: string]: JsonValue });
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]),
  );
}
