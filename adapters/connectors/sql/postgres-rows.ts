/** Runs one statement of a skill, and reads its rows as JSON up to the limits. */
import type pg from 'pg';
import type { PoolClient, QueryConfig } from 'pg';
import { MAX_ROWS, MAX_SQL_BYTES, tooManyBytes, tooManyRows } from '../../../core/connectors/sql/query.ts';
import type { SqlQuery } from '../../../core/connectors/sql/query.ts';
import type { JsonObject } from '../../../core/json.ts';

export type Driver = Pick<typeof pg, 'Client' | 'Pool' | 'Query' | 'types'>;

export interface Answered {
  readonly rows: readonly JsonObject[];
  /** Rows returned, or changed by a statement that returns none. */
  readonly rowCount: number;
  /** What the server sent. */
  readonly bytes: number;
}

interface Running {
  readonly driver: Driver;
  readonly client: PoolClient;
  /** Id of the connector. */
  readonly id: string;
  readonly query: SqlQuery;
}

/**
 * Rejects with an error of `pg`; or with `sql_too_many_rows` or `response_too_large`, and then the statement may still be
 * running. The bytes are counted as they arrive, because one row may be larger than all memory.
 */
export function runStatement({ driver, client, id, query: { sql, params } }: Running): Promise<Answered> {
  const { stream } = client.connection;
  const rows: JsonObject[] = [];
  let bytes = 0;
  let onData: (chunk: Uint8Array) => void = () => undefined;
  const running = new Promise<Answered>((resolve, reject) => {
    onData = (chunk) => {
      bytes += chunk.length;
      if (bytes > MAX_SQL_BYTES) reject(tooManyBytes(id));
    };
    stream.on('data', onData);
    const query = client.query(new driver.Query<JsonObject>(configOf(driver, sql, params)));
    query.on('row', (row: JsonObject) => {
      if (rows.length < MAX_ROWS) rows.push(row);
      else reject(tooManyRows(id));
    });
    query.on('error', reject);
    query.on('end', ({ rowCount }: { readonly rowCount: number | null }) => {
      resolve({ rows, rowCount: rowCount ?? rows.length, bytes });
    });
  });
  return running.finally(() => stream.off('data', onData));
}

/** `extended` is the protocol that takes one statement only, also without parameters. */
function configOf(driver: Driver, text: string, params: readonly unknown[]): QueryConfig {
  const extended = { queryMode: 'extended' }; // not in the types of pg
  return { ...extended, text, values: [...params], types: { getTypeParser: parserFrom(driver) } };
}

/** Types whose values are JSON: bool, int2, int4, oid, json, jsonb, and arrays of bool, int2, int4, text, bpchar, varchar. */
const JSON_TYPES: ReadonlySet<number> = new Set([
  16, 21, 23, 26, 114, 3802, 1000, 1005, 1007, 1009, 1014, 1015,
]);
const FLOATS: ReadonlySet<number> = new Set([700, 701]);

/** All other types come as the text that Postgres writes, since a number or a date of JavaScript would lose digits. */
function parserFrom(driver: Driver): Driver['types']['getTypeParser'] {
  return (oid) => {
    if (FLOATS.has(oid)) return floatOf;
    return JSON_TYPES.has(oid) ? driver.types.getTypeParser(oid) : String;
  };
}

function floatOf(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
