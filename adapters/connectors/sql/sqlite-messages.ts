/** Messages between the worker and the thread that runs SQLite. */
import type { SqlValues } from '../../../core/connectors/sql/statement.ts';
import type { JsonObject } from '../../../core/json.ts';

export interface ToThread {
  /** Absolute; undefined for a database in memory. */
  readonly file: string | undefined;
  readonly sql: string;
  readonly values: SqlValues;
  readonly isReadOnly: boolean;
  readonly maxRows: number;
  readonly maxBytes: number;
}

export type FromThread =
  | {
      readonly status: 'done';
      readonly rows: readonly JsonObject[];
      readonly rowCount: number;
      readonly bytes: number;
    }
  | { readonly status: 'too_many_rows' | 'too_many_bytes' }
  /** With SQLite's own message. */
  | { readonly status: 'failed'; readonly message: string };
