/** Which run a caller's idempotency key stands for, while it is remembered. */
import { canonicalJson, sha256 } from './digest.ts';
import { SkillosError } from './errors.ts';
import type { JsonValue } from './json.ts';
import type { Principal } from './run.ts';

/** Kind of the documents; their key is the hash of the scope. */
export const IDEMPOTENCY_KIND = 'idempotency';

const KEY = /^(?=.*\S)\P{Cc}{1,255}$/u;

/** Whose key it is, and for what; the same text elsewhere is another key. */
export interface KeyScope {
  readonly tenant: string;
  readonly principal: Pick<Principal, 'subject' | 'via'>;
  /** What is asked for, such as `run`. */
  readonly operation: string;
  readonly key: string;
}

export type KeyClaim = {
  readonly requestHash: string;
  readonly runId: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
};

export interface KeyAttempt {
  readonly requestHash: string;
  readonly runId: string;
  readonly now: number;
  readonly ttlMs: number;
}

/** Throws `usage` where the key is none. */
export function scopeHash({ tenant, principal: { via, subject }, operation, key }: KeyScope): string {
  if (!KEY.test(key)) {
    throw new SkillosError(
      'usage',
      'Invalid idempotency key: expected 1 to 255 characters, none of them control characters',
    );
  }
  return sha256(canonicalJson([tenant, via, subject, operation, key]));
}

export function requestHash(request: JsonValue): string {
  return sha256(canonicalJson(request));
}

/** The first claim stands until it expires; it is the same object then. */
export function claimKey(current: KeyClaim | undefined, attempt: KeyAttempt): KeyClaim {
  const { requestHash: hash, runId, now, ttlMs } = attempt;
  if (current !== undefined && !isExpired(current, now)) return current;
  return { requestHash: hash, runId, expiresAt: now + ttlMs };
}

export function isExpired({ expiresAt }: KeyClaim, now: number): boolean {
  return expiresAt <= now;
}
