/** The one connection of the server to Temporal: made at the first need, and anew after it broke. */
import { isSkillosError } from '../core/errors.ts';
import type { Temporal } from '../client/connection.ts';

export interface TemporalLink {
  /** For what is answered at once, or not. Rejects as `connect` does, or as the work does. */
  use<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
  /** Likewise, for what waits for something to happen. */
  hold<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
  /** The connection, where one is open. */
  current(): Temporal | undefined;
  close(): Promise<void>;
}

const ANSWER_WITHIN_MS = 5_000;

/** Others may still wait on it for an answer that was under way. */
const LAST_USE_MS = 90_000;

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

  /** A local engine may come back at another address; to any other the connection finds back by itself. */
  function forget(broken: Temporal): void {
    if (open !== broken || !broken.target.local) return;
    connecting = undefined;
    open = undefined;
    setTimeout(() => void broken.close().catch(() => undefined), LAST_USE_MS).unref(); // it is broken already
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
    // The client tries for half a minute where a server is away: nobody waits so long for a refusal.
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
