/** Canonical JSON, SHA-256 and HMAC, for digests, content hashes, cache keys and signatures. */
import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { JsonValue } from '../json.ts';

/** Returns JSON with sorted names and without spaces: equal values give equal texts. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(sorted(value));
}

/** Returns the SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}

/** Returns the HMAC-SHA-256 in lower-case hex. */
export function hmacSha256(key: string, data: string): string {
  return createHmac('sha256', key).update(data).digest('hex');
}

/** Returns the HMAC-SHA-256 of the parts, one after another. */
export function hmacOfParts(
  key: string | Uint8Array,
  parts: readonly (string | Uint8Array)[],
  encoding: 'hex' | 'base64',
): string {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest(encoding);
}

/** Compares in constant time. */
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
