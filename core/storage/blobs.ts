/** The port for large values. */

/** Values under the SHA-256 (lower-case hex) of their bytes. */
export interface Blobs {
  /**
   * Replaces what the store holds under the hash if it was damaged. Also records that the value was used, unless that is recorded
   * within the last `TOUCH_AFTER_MS`; see `storage gc`.
   */
  put(bytes: Uint8Array): Promise<string>;
  /** Rejects with `blob_unavailable` if the value is missing. */
  get(hash: string): Promise<Uint8Array>;
  /** Resolves to those of the hashes that are not stored. Reads no value, so that a damaged one counts as stored. */
  missing(hashes: readonly string[]): Promise<readonly string[]>;
  /** Records that these are used now; ignores those that are missing. */
  touch(hashes: readonly string[]): Promise<void>;
}

/** What is stored by its content belongs to nobody, so that the time of its last use decides if it is needed. */
export interface ContentStore {
  /**
   * Removes what was last used before this time, in Unix milliseconds, but none of `needed`; with `isDryRun` it only counts what
   * it would remove.
   */
  removeUnused(before: number, isDryRun: boolean, needed?: ReadonlySet<string>): Promise<RemovedContent>;
}

export interface RemovedContent {
  readonly items: number;
  readonly bytes: number;
}

/** The time of the last use of what is stored by content is exact to this. */
export const TOUCH_AFTER_MS = 24 * 60 * 60 * 1000;
