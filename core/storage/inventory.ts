/** The port for listing what a store holds, to copy or to clean it as a whole. */

/** Everything is listed in the order of its bytes, while other processes may write. */
export interface Inventory {
  /** Kinds of records, of which some may have no document any more. */
  kinds(): Promise<readonly string[]>;
  /** Keys of the documents of a kind. */
  keys(kind: string): AsyncIterable<string>;
  /** Names of logs. */
  logs(): AsyncIterable<string>;
  /** Hashes of blobs; attachments are not among them. */
  blobs(): AsyncIterable<string>;
  /** Removes whole logs; ignores those that do not exist. */
  removeLogs(logs: readonly string[]): Promise<void>;
}
