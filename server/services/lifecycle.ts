/** Tracks requests in progress, for an orderly stop. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Lifecycle {
  readonly isStopping: boolean;
  /** Aborts when the server begins to stop. */
  readonly stopping: AbortSignal;
  /** Counts a request as in progress until the returned function is called. */
  begin(): () => void;
  /** Resolves when no request is in progress, or after `limitMs`. */
  stop(limitMs: number): Promise<void>;
}

export function openLifecycle(): Lifecycle {
  const stopping = new AbortController();
  let answering = 0;
  let onIdle: (() => void) | undefined;
  return {
    get isStopping() {
      return stopping.signal.aborted;
    },
    stopping: stopping.signal,
    begin() {
      answering += 1;
      return () => {
        answering -= 1;
        if (answering === 0) onIdle?.();
      };
    },
    async stop(limitMs) {
      const idle = new Promise<void>((resolve) => (onIdle = resolve));
      stopping.abort();
      if (answering > 0) await Promise.race([idle, delay(limitMs, undefined, { ref: false })]);
    },
  };
}
