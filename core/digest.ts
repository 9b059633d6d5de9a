/** Canonical JSON, SHA-256 and HMAC: what digests, content hashes, cache keys and signatures are made of. */
import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { JsonValue } from './json.ts';

/** JSON with sorted keys and no spaces, so that equal values have equal texts. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(sorted(value));
}

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}

/** HMAC-SHA-256 in lower-case hex. */
export function hmacSha256(key: string, data: string): string {
  return createHmac('sha256', key).update(data).digest('hex');
}

/** Takes the same time wherever two texts differ. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value as { [key: string]: JsonValue });
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]),
  );
}
