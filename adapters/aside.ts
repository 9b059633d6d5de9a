/** Work that nobody waits for: begun in the turn after, and finished before its process leaves. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** For work that cannot finish because something is away just when the process leaves. */
const LEAVING_GRACE_MS = 5000;

export interface Aside {
  /** `signal` aborts when the process waits no longer; what fails is the work's own to tell. */
  readonly begin: (work: (signal: AbortSignal) => Promise<unknown>) => void;
  close(): Promise<void>;
}

export function openAside(graceMs = LEAVING_GRACE_MS): Aside {
  const running = new Set<Promise<unknown>>();
  const leaving = new AbortController();
  return {
    begin(work) {
      const done = nextTurn()
        .then(() => work(leaving.signal))
        .catch(() => undefined)
        .finally(() => running.delete(done));
      running.add(done);
    },
    async close() {
      const timer = setTimeout(() => leaving.abort(), graceMs);
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}
