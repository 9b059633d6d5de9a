/** The port for large values. */

/** Values under the SHA-256 (lower-case hex) of their bytes. */
export interface Blobs {
  put(bytes: Uint8Array): Promise<string>;
  /** Rejects with `blob_unavailable` if the value is missing. */
  get(hash: string): Promise<Uint8Array>;
}
