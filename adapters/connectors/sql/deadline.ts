/** Ends the wait for a call of a database when its time is over or nobody waits for it any more. */
import { SkillosError } from '../../../core/errors/errors.ts';

interface Limit {
  /** Id of the connector. */
  readonly id: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Settles as `work` does; rejects with `connector_timeout`, or with the reason of the signal, if that comes first. The signal
 * that `work` receives aborts then.
 */
export async function withDeadline<T>(
  { id, timeoutMs, signal }: Limit,
  work: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const ended = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason), { once: true });
  });
  const message = `Connector "${id}": the database did not answer within ${timeoutMs} ms`;
  const timer = setTimeout(() => ending.abort(new SkillosError('connector_timeout', message)), timeoutMs);
  const onAbort = (): void => ending.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const working = work(ending.signal);
  working.catch(() => undefined); // when the deadline has come first
  try {
    return await Promise.race([working, ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
