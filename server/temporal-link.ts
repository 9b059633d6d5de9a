/** The one connection of the server to Temporal: made at the first need, and anew after it broke. */
import { isSkillosError } from '../core/errors.ts';
import type { Temporal } from '../client/connection.ts';

export interface TemporalLink {
  /** Rejects as `connect` does, or as the work does. */
  use<Result>(work: (temporal: Temporal) => Promise<Result>): Promise<Result>;
  /** The connection, where one is open. */
  current(): Temporal | undefined;
  close(): Promise<void>;
}

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

  /** A local engine that comes back has another address. */
  async function forget(broken: Temporal): Promise<void> {
    if (open !== broken) return;
    connecting = undefined;
    open = undefined;
    await broken.close().catch(() => undefined); // it is broken already
  }

  return {
    async use(work) {
      const temporal = await opened();
      try {
        return await work(temporal);
      } catch (error) {
        if (isSkillosError(error, 'engine_unreachable')) await forget(temporal);
        throw error;
      }
    },
    current: () => open,
    async close() {
      const last = await connecting?.catch(() => undefined);
      await last?.close();
    },
  };
}
