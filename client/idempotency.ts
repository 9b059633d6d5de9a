/** One run for one idempotency key, however often and by how many it is asked for. */
import { SkillosError } from '../core/errors.ts';
import {
  IDEMPOTENCY_KIND,
  claimKey,
  isExpired,
  requestHash as hashOf,
  scopeHash,
} from '../core/idempotency.ts';
import type { KeyClaim, KeyScope } from '../core/idempotency.ts';
import type { JsonValue } from '../core/json.ts';
import type { ClientPorts } from './ports.ts';

export interface RunClaim extends KeyScope {
  /** What makes two requests the same. */
  readonly request: JsonValue;
  /** The id that the run gets if this claim is the first. */
  readonly runId: string;
  /** 0: keys are not remembered. */
  readonly ttlSeconds: number;
}

/** How many other claims are looked at with each new one. */
const SWEPT = 10;

/**
 * The id under which the run is to be started, or was: whoever claimed it first may have died in between. Rejects with
 * `idempotency_key_reused` where the key stands for another request, and with `usage` where it is none.
 */
export async function claimRunId(
  { records, now }: Pick<ClientPorts, 'records' | 'now'>,
  { request, runId, ttlSeconds, ...scope }: RunClaim,
): Promise<{ readonly runId: string; readonly isReplayed: boolean }> {
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
  const isReplayed = claim.runId !== runId;
  if (!isReplayed) await sweep(records, place, attempt.now);
  return { runId: claim.runId, isReplayed };
}

/** Scopes are hashes, so those after a new one are a sample; a few a claim keep the store from growing. */
async function sweep(records: ClientPorts['records'], after: string, now: number): Promise<void> {
  try {
    for (const { key, value } of await records.list<KeyClaim>(IDEMPOTENCY_KIND, { after, limit: SWEPT })) {
      if (!isExpired(value, now)) continue;
      await records.update<KeyClaim>(IDEMPOTENCY_KIND, key, (current) =>
        current === undefined || isExpired(current, now) ? undefined : current,
      );
    }
  } catch {
    // What is left over is swept another time; the claim stands.
  }
}
