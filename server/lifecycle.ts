/** Whether the server stops, and what is still being answered. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Lifecycle {
  readonly isStopping: boolean;
  /** Aborts when the server begins to stop. */
  readonly stopping: AbortSignal;
  /** A request is being answered until what is returned is called. */
  begin(): () => void;
  /** Resolves when nothing is being answered any more, or after the limit. */
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
