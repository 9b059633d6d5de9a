/** The server's one connection to Temporal: opened at first use, and again after it broke. */
import { isSkillosError } from '../../core/errors/errors.ts';
import type { Temporal } from '../../client/temporal/connection.ts';

export interface TemporalLink {
  /** Runs work that must answer within 5 s. Rejects as `connect` or the work does. */
  use<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
  /** Runs work that may wait for events, without a deadline. */
  hold<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
  /** The open connection; undefined if none is open. */
  current(): Temporal | undefined;
  close(): Promise<void>;
}

const ANSWER_WITHIN_MS = 5_000;

/** A broken connection is closed after this time, because other requests may still await answers on it. */
const CLOSE_AFTER_MS = 90_000;

export function openTemporalLink(connect: () => Promise<Temporal>): TemporalLink {
  let connecting: Promise<Temporal> | undefined;
  let open: Temporal | undefined;

  async function opened(): Promise<Temporal> {
    connecting ??= connect();
    try {
      open = await connecting;
      return open;
    } catch (error) {
      connecting = undefined;
      throw error;
    }
  }

  /** A local engine may restart at another address; a connection to a configured server reconnects by itself. */
  function forget(broken: Temporal): void {
    if (open !== broken || !broken.target.local) return;
    connecting = undefined;
    open = undefined;
    setTimeout(() => void broken.close().catch(() => undefined), CLOSE_AFTER_MS).unref(); // errors while closing a broken connection do not matter
  }

  async function hold<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result> {
    const temporal = await opened();
    try {
      return await work(temporal);
    } catch (error) {
      if (isSkillosError(error, 'engine_unreachable')) forget(temporal);
      throw error;
    }
  }

  return {
    hold,
    // Without a deadline the client retries for half a minute before it reports an unreachable server.
    use: (work) =>
      hold((temporal) =>
        temporal.client.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => work(temporal)),
      ),
    current: () => open,
    async close() {
      const last = await connecting?.catch(() => undefined);
      await last?.close();
    },
  };
}
