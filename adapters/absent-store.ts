/** A store that is away is waited for, where failing would cost work that was done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isSkillosError } from '../core/errors.ts';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5000;

/** Does `work` again while the store is away, ever more rarely, until `signal` says that there is no more time. */
export async function untilStored<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

function isAway(error: unknown): boolean {
  return isSkillosError(error, 'storage_unreachable') || isSkillosError(error, 'lock_timeout');
}
