/** Tasks that no caller waits for: each begins in the next turn of the event loop, and `close` waits for all of them. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Time for tasks to finish after `close`, for those that wait for a store that cannot be reached. */
const CLOSE_GRACE_MS = 5000;

export interface BackgroundTasks {
  /** `signal` aborts when `close` stops waiting. Errors are ignored here; `work` must report its own. */
  readonly begin: (work: (signal: AbortSignal) => Promise<unknown>) => void;
  close(): Promise<void>;
}

export function openBackgroundTasks(graceMs = CLOSE_GRACE_MS): BackgroundTasks {
  const running = new Set<Promise<unknown>>();
  const closing = new AbortController();
  return {
    begin(work) {
      const done = nextTurn()
        .then(() => work(closing.signal))
        .catch(() => undefined)
        .finally(() => running.delete(done));
      running.add(done);
    },
    async close() {
      const timer = setTimeout(() => closing.abort(), graceMs);
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}
