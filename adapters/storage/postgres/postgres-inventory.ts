/** Lists the records, logs and blobs in the tables of a schema. */
import type { Inventory } from '../../../core/storage/inventory.ts';
import type { Postgres } from './postgres.ts';

const PAGE = 1000;

export function openPostgresInventory(database: Postgres): Inventory {
  const { schema, query } = database;
  const keys = `SELECT key AS name FROM ${schema}.records WHERE kind = $2 AND key > $1 ORDER BY key`;
  const blobs = `
    SELECT hash AS name FROM ${schema}.blobs WHERE hash > $1 AND touched_at < 'infinity' ORDER BY hash`;
  return {
    async kinds() {
      const kinds: string[] = [];
      for await (const kind of namesIn(database, distinct(`${schema}.records`, 'kind'))) kinds.push(kind);
      return kinds;
    },
    keys: (kind) => namesIn(database, keys, [kind]),
    logs: () => namesIn(database, distinct(`${schema}.journal`, 'log')),
    blobs: () => namesIn(database, blobs),
    async removeLogs(logs) {
      await query({ text: `DELETE FROM ${schema}.journal WHERE log = ANY($1)`, values: [logs] });
    },
  };
}

/** Finds each value by the index of the primary key, instead of reading all rows that have it. */
function distinct(table: string, column: string): string {
  return `
    WITH RECURSIVE found AS (
      (SELECT ${column} AS name FROM ${table} WHERE ${column} > $1 ORDER BY ${column} LIMIT 1)
      UNION ALL
      SELECT (SELECT ${column} FROM ${table} WHERE ${column} > found.name ORDER BY ${column} LIMIT 1)
      FROM found WHERE found.name IS NOT NULL
    ) SELECT name FROM found WHERE name IS NOT NULL`;
}

/** Yields all names, in pages; `names` is a statement that yields those after `$1` in order. */
async function* namesIn(
  { query }: Postgres,
  names: string,
  values: readonly string[] = [],
): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const { rows } = await query({ text: `${names} LIMIT ${PAGE}`, values: [after, ...values] });
    const page = rows.map(({ name }) => name as string); // the columns are of type text
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1) ?? after;
  }
}
