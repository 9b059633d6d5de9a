/** The port for documents that processes share. */
import type { JsonObject } from '../json.ts';
import type { Where } from './record-index.ts';

/**
 * Documents by kind and key. `update` is atomic over all processes of the deployment: `change` receives the
 * latest document, and its result is stored and durable when the promise resolves; returning the same object
 * (===) writes nothing, returning `undefined` removes the document. `change` must be pure: it may be called
 * again after a conflict. Kinds match `[a-z][a-z0-9-]{0,39}`, keys `[A-Za-z0-9][A-Za-z0-9._-]{0,199}`; two
 * keys of a kind must not differ in case alone, because some file systems cannot distinguish them. A document
 * that cannot be parsed rejects with `state_corrupt`.
 */
export interface Records {
  get<T extends JsonObject>(kind: string, key: string): Promise<T | undefined>;
  update<T extends JsonObject>(
    kind: string,
    key: string,
    change: (current: T | undefined) => T | undefined,
  ): Promise<T | undefined>;
  /** Ordered by the bytes of the keys. `after` (exclusive) need not be the key of a document. */
  list<T extends JsonObject>(kind: string, page?: ListPage): Promise<readonly Stored<T>[]>;
  /**
   * All documents of a kind, in pages; a document that is added meanwhile may be missing. For stores in which a page of `list`
   * costs a listing of the whole kind; callers use `pagesOf`.
   */
  pages?<T extends JsonObject>(kind: string, page: AllPages): AsyncIterable<readonly Stored<T>[]>;
}

export interface AllPages extends Pick<ListPage, 'descending'> {
  /** Size of a page. */
  readonly limit: number;
}

export interface ListPage {
  readonly after?: string;
  /** Maximum number of documents; default 100. */
  readonly limit?: number;
  readonly descending?: boolean;
  /**
   * Only matching documents, for kinds and fields of `RECORD_INDEXES`. The cost does not depend on the number
   * of other documents.
   */
  readonly where?: Where;
}

export interface Stored<T> {
  readonly key: string;
  readonly value: T;
}

export interface RecordRemoval {
  /**
   * Removes those of the documents that are still as given. Resolves to their keys; they are durably gone when it resolves.
   * For many at once: concurrent changes of one of them win.
   */
  removeUnchanged<T extends JsonObject>(
    kind: string,
    documents: readonly Stored<T>[],
  ): Promise<readonly string[]>;
}
