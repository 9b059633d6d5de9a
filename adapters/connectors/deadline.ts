/** Ends work at its timeout, and when nobody waits for it any more. */

export interface DeadlineOptions {
  readonly ms: number;
  /** Aborts when nobody waits for the work. */
  readonly signal: AbortSignal;
  /** The reason to give up at the timeout. */
  readonly expired: () => Error;
}

export interface Deadline {
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
}

/** Rejects at the deadline even if the work does not end then. */
export async function withDeadline<T>(
  { ms, signal, expired }: DeadlineOptions,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const endsAt = performance.now() + ms;
  const abort = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error), { once: true });
  });
  const timer = setTimeout(() => abort.abort(expired()), ms);
  const onAbort = () => abort.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const deadline = { signal: abort.signal, remainingMs: () => endsAt - performance.now() };
    return await Promise.race([work(deadline), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
