/** Claims one run id per idempotency key, also for concurrent and repeated requests. */
import { SkillosError } from '../../core/errors/errors.ts';
import {
  IDEMPOTENCY_KIND,
  claimKey,
  isExpired,
  requestHash as hashOf,
  scopeHash,
} from '../../core/runs/idempotency.ts';
import type { KeyClaim, KeyScope } from '../../core/runs/idempotency.ts';
import type { JsonValue } from '../../core/json.ts';
import type { ClientPorts } from '../ports.ts';

export interface RunClaim extends KeyScope {
  /** Two requests are the same if this JSON is equal. */
  readonly request: JsonValue;
  /** Run id to use if this claim is the first for its key. */
  readonly runId: string;
  /** Lifetime of the claim; 0 turns idempotency keys off. */
  readonly ttlSeconds: number;
}

export type Claimed =
  | { readonly runId: string; readonly isReplayed: false }
  /** An earlier request holds the key until `expiresAt`, in Unix milliseconds. */
  | { readonly runId: string; readonly isReplayed: true; readonly expiresAt: number };

/** Number of other claims that each new claim checks for expiry. */
const SWEPT = 10;

/**
 * Resolves to the id of the first claim. The caller starts the run even if `isReplayed`, because the first claimant may have
 * died before its start. Rejects with `idempotency_key_reused` if the key belongs to another request, and with `usage` if it
 * is malformed.
 */
export async function claimRunId(
  { records, now }: Pick<ClientPorts, 'records' | 'now'>,
  { request, runId, ttlSeconds, ...scope }: RunClaim,
): Promise<Claimed> {
  const place = scopeHash(scope);
  if (ttlSeconds === 0) return { runId, isReplayed: false };
  const requestHash = hashOf(request);
  const attempt = { requestHash, runId, now: now(), ttlMs: ttlSeconds * 1000 };
  const claim = (await records.update<KeyClaim>(IDEMPOTENCY_KIND, place, (current) =>
    claimKey(current, attempt),
  )) as KeyClaim; // what the function returned
  if (claim.requestHash !== requestHash) {
    throw new SkillosError(
      'idempotency_key_reused',
      `Idempotency key ${JSON.stringify(scope.key)} stands for another request`,
      { details: { run_id: claim.runId } },
    );
  }
  if (claim.runId !== runId) return { runId: claim.runId, isReplayed: true, expiresAt: claim.expiresAt };
  await sweep(records, place, attempt.now);
  return { runId, isReplayed: false };
}

/** Deletes expired claims. Keys are hashes, so those after a new one are a random sample; a few per claim bound the store. */
async function sweep(records: ClientPorts['records'], after: string, now: number): Promise<void> {
  try {
    for (const { key, value } of await records.list<KeyClaim>(IDEMPOTENCY_KIND, { after, limit: SWEPT })) {
      if (!isExpired(value, now)) continue;
      await records.update<KeyClaim>(IDEMPOTENCY_KIND, key, (current) =>
        current === undefined || isExpired(current, now) ? undefined : current,
      );
    }
  } catch {
    // A failed sweep is harmless: later claims sweep again.
  }
}
