/** Caches a read for 20 ms and shares it between concurrent requests; lru-cache would add keys and a clock to one value. */

export interface MicroCache<T> {
  /** Resolves to a value read at most 20 ms ago; a failed read is not cached. */
  readonly get: () => Promise<T>;
  /** Drops the value after a change by this process. */
  readonly forget: () => void;
}

/** Changes by other processes are seen after this time. */
const FRESH_MS = 20;

export function openMicroCache<T>(read: () => Promise<T>): MicroCache<T> {
  let latest: Promise<T> | undefined;
  let readAt = Infinity; // a read in progress does not expire

  async function load(): Promise<T> {
    try {
      return await read();
    } catch (error) {
      latest = undefined;
      throw error;
    } finally {
      readAt = performance.now();
    }
  }

  return {
    get() {
      if (latest === undefined || performance.now() - readAt > FRESH_MS) {
        readAt = Infinity;
        latest = load();
      }
      return latest;
    },
    forget() {
      latest = undefined;
    },
  };
}
