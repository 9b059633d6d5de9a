/**
 * Joins abort signals for a limited time. Node keeps a signal of `AbortSignal.any` for good once it has a listener that is
 * never removed, and Temporal's client adds such a listener with every call.
 */
import { setMaxListeners } from 'node:events';

export interface JoinedSignal {
  /** Aborts with the first of its sources. */
  readonly signal: AbortSignal;
  /** Aborts the signal, and lets go of its sources. */
  readonly abort: () => void;
  /** Lets go of its sources; the signal does not abort any more. */
  readonly release: () => void;
}

export function joinSignals(sources: readonly AbortSignal[], timeoutMs?: number): JoinedSignal {
  const controller = new AbortController();
  const abort = () => {
    release();
    controller.abort();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(abort, timeoutMs).unref();
  const release = () => {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  for (const source of sources) {
    setMaxListeners(Infinity, source); // one listener for each open request: more than Node's ten are no leak
    source.addEventListener('abort', abort);
  }
  if (sources.some(({ aborted }) => aborted)) abort();
  return { signal: controller.signal, abort, release };
}

/** Runs `work` with a signal of its own, which aborts with `source`. */
export async function withOwnSignal<T>(
  source: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, release } = joinSignals([source]);
  try {
    return await work(signal);
  } finally {
    release();
  }
}
