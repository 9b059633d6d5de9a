/** What is read from disk for every request, read once for those that come at once. */

export interface Brief<T> {
  /** What was read at most 20 ms ago; a failure is not kept. */
  readonly get: () => Promise<T>;
  /** So that what was changed here is seen at once. */
  readonly forget: () => void;
}

/** Edits of others count from then on. */
const FRESH_MS = 20;

export function openBrief<T>(read: () => Promise<T>): Brief<T> {
  let latest: Promise<T> | undefined;
  let readAt = Infinity; // while it is being read it does not age

  async function readAnew(): Promise<T> {
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
        latest = readAnew();
      }
      return latest;
    },
    forget() {
      latest = undefined;
    },
  };
}
