/** The port for append-only logs. */
import type { JsonObject } from '../json.ts';
import type { Where } from './record-index.ts';

/**
 * Append-only logs. A name has up to 8 parts, each valid as a key of a record, joined by `/`. An entry is one
 * JSON object. `append` keeps the order of one caller, awaited or not, and is durable when it resolves; an
 * entry whose append failed may be read later, but only complete.
 */
export interface Journal {
  append(log: string, entries: readonly JsonObject[]): Promise<void>;
  /**
   * Returns entries after position `after`, which is 0 for the start or a `next` of this log. A long log is
   * returned in pieces: continue from `next` until it equals `after`. An invalid line is passed to
   * `onCorrupt` and skipped; without `onCorrupt` it rejects with `state_corrupt`.
   */
  read(
    log: string,
    after?: number,
    onCorrupt?: () => void,
  ): Promise<{ readonly entries: readonly JsonObject[]; readonly next: number }>;
  /**
   * Yields entries from the last to the first, in pieces that grow; stop as soon as there are enough. `where`
   * is for logs below `audit/` and the fields of `AUDIT_FIELDS`. Invalid lines are handled as in `read`, but
   * only those that are reached.
   */
  readBack(log: string, options?: ReadBackOptions): AsyncIterable<readonly JsonObject[]>;
}

interface ReadBackOptions {
  readonly where?: Where;
  readonly onCorrupt?: () => void;
}
