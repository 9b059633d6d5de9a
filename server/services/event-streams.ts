/** The event streams that clients have open: a limited number for each principal, and none after its token has expired. */
import type { Metrics } from '../../adapters/telemetry/prometheus.ts';
import { joinSignals } from '../../client/joined-signal.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface EventStreams {
  /** Counts a stream until it is closed. Throws `too_many_streams`. */
  open(holder: StreamHolder): OpenStream;
}

interface StreamHolder {
  /** Names the principal. */
  readonly key: string;
  /** Unix milliseconds; absent if the stream may stay open. */
  readonly expiresAt?: number | undefined;
}

export interface OpenStream {
  /** Aborts when the token expires, and when the server begins to stop. */
  readonly signal: AbortSignal;
  /** Call it once, when the stream has ended. */
  close(): void;
}

interface StreamPorts {
  readonly maxPerPrincipal: number;
  readonly lifecycle: Pick<Lifecycle, 'stopping'>;
  readonly metrics: Pick<Metrics, 'streamOpened'>;
  readonly now: () => number;
}

/** Longer timers of Node fire at once; a stream that ends earlier is opened again by its client. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function openEventStreams({ maxPerPrincipal, lifecycle, metrics, now }: StreamPorts): EventStreams {
  const counts = new Map<string, number>();
  const { stopping } = lifecycle;

  function take(key: string): void {
    const count = counts.get(key) ?? 0;
    if (count >= maxPerPrincipal) {
      throw new SkillosError(
        'too_many_streams',
        `${count} event streams of this principal are open: expected at most ${maxPerPrincipal}`,
      );
    }
    counts.set(key, count + 1);
  }

  function giveBack(key: string): void {
    const count = (counts.get(key) ?? 0) - 1;
    if (count > 0) counts.set(key, count);
    else counts.delete(key);
  }

  return {
    open({ key, expiresAt }) {
      take(key);
      const isClosed = metrics.streamOpened();
      const leftMs = expiresAt === undefined ? MAX_TIMER_MS : Math.min(expiresAt - now(), MAX_TIMER_MS);
      const { signal, release } = joinSignals([stopping], leftMs);
      return {
        signal,
        close() {
          release();
          isClosed();
          giveBack(key);
        },
      };
    },
  };
}
