/** Waits for a store that cannot be reached, for callers that would lose finished work by failing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isSkillosError } from '../../core/errors/errors.ts';
import { backoffMs } from '../../core/values/backoff.ts';

const BACKOFF = { firstMs: 100, maxMs: 5000 };

/**
 * Repeats `work` with growing pauses while the store cannot be reached; rejects with an `AbortError` when
 * `signal` aborts.
 */
export async function untilStored<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
    await sleep(backoffMs(BACKOFF, attempt), undefined, { signal });
  }
}

function isUnreachable(error: unknown): boolean {
  return isSkillosError(error, 'storage_unreachable') || isSkillosError(error, 'lock_timeout');
}
