/** Idempotency keys: each stands for one run of one caller until it expires. */
import { canonicalJson, sha256 } from '../values/digest.ts';
import { SkillosError } from '../errors/errors.ts';
import type { JsonValue } from '../json.ts';
import type { Principal } from '../rights/principal.ts';

/** Kind of the records; their key is `scopeHash`. */
export const IDEMPOTENCY_KIND = 'idempotency';

const KEY = /^(?=.*\S)\P{Cc}{1,255}$/u;

/** The scope of a key: the same text in another scope is another key. */
export interface KeyScope {
  readonly tenant: string;
  readonly principal: Pick<Principal, 'subject' | 'via'>;
  /** The requested operation, such as `run`. */
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

/** Returns the SHA-256 of the scope. Throws `usage` if the key is not valid. */
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

/** Returns the claim that is valid now. Until it expires this is the first one, as the same object. */
export function claimKey(current: KeyClaim | undefined, attempt: KeyAttempt): KeyClaim {
  const { requestHash: hash, runId, now, ttlMs } = attempt;
  if (current !== undefined && !isExpired(current, now)) return current;
  return { requestHash: hash, runId, expiresAt: now + ttlMs };
}

export function isExpired({ expiresAt }: KeyClaim, now: number): boolean {
  return expiresAt <= now;
}
