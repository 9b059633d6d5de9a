/** Waits for a store that cannot be reached, for callers that would lose finished work by failing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import { backoffMs } from '../../core/values/backoff.ts';

const BACKOFF = { firstMs: 100, maxMs: 5000 };

/**
 * Repeats `work` with growing pauses while the store cannot be reached; rejects with an `AbortError` when
 * `signal` aborts.
 */
export function untilStored<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return repeatOn(['storage_unreachable', 'lock_timeout'], work, signal);
}

/** Like `untilStored`, and also waits for room, because the work to be stored has had its effect. */
export function untilKept<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return repeatOn(['storage_unreachable', 'lock_timeout', 'storage_full'], work, signal);
}

async function repeatOn<T>(
  codes: readonly ErrorCode[],
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isSkillosError(error) || !codes.includes(error.code)) throw error;
    }
    await sleep(backoffMs(BACKOFF, attempt), undefined, { signal });
  }
}
