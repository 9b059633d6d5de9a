/** Stores documents as rows of one table, and changes them by compare-and-swap on their version. */
import type { JsonObject } from '../../../core/json.ts';
import type { ListPage, RecordRemoval, Records, Stored } from '../../../core/storage/records.ts';
import { inBatches } from '../batches.ts';
import { foldChanges, resultOf } from '../changes.ts';
import type { Change, Changed } from '../changes.ts';
import { choicesOf, conditionOf } from './choices.ts';
import type { Postgres } from './postgres.ts';
import { checkKind, checkRecordName, checkWhere } from '../state-names.ts';

interface Row {
  /** The document as JSON. */
  readonly text: string;
  readonly version: string;
}

const DEFAULT_LIMIT = 100;

/**
 * No lock is held between statements, so a process that dies or stalls blocks no other. Changes of one
 * document that arrive together in this process are applied one after another in memory and stored at once.
 */
export function openPostgresRecords(database: Postgres): Records & RecordRemoval {
  const update = inBatches<Change<JsonObject>, Changed>((name, changes) =>
    applyChanges(documentOf(database, name), changes),
  );
  return {
    get: async <T extends JsonObject>(kind: string, key: string) => {
      checkRecordName(kind, key);
      const row = await documentOf(database, `${kind}/${key}`).read();
      return row === undefined ? undefined : (JSON.parse(row.text) as T); // the caller determines its shape
    },
    update: async <T extends JsonObject>(kind: string, key: string, change: Change<T>) => {
      checkRecordName(kind, key);
      const changed = await update(`${kind}/${key}`, change as unknown as Change<JsonObject>);
      return resultOf(changed) as T | undefined; // returned by `change`
    },
    list: async <T extends JsonObject>(kind: string, page: ListPage = {}) => {
      checkKind(kind);
      checkWhere(kind, page);
      return listDocuments<T>(database, kind, page);
    },
    removeUnchanged: async (kind, documents) => {
      checkKind(kind);
      const { schema, query } = database;
      const { rows } = await query({
        text: `
          DELETE FROM ${schema}.records USING unnest($2::text[], $3::text[]) AS given (key, value)
          WHERE kind = $1 AND records.key = given.key AND records.value::text = given.value
          RETURNING records.key`,
        values: [kind, documents.map(({ key }) => key), documents.map(({ value }) => JSON.stringify(value))],
      });
      return rows.map(({ key }) => key as string); // the column's type
    },
  };
}

/** Repeats until no other process has changed the document between reading and writing. */
async function applyChanges(
  document: Document,
  changes: readonly Change<JsonObject>[],
): Promise<readonly Changed[]> {
  for (;;) {
    const row = await document.read();
    const { text, results } = foldChanges(row?.text, changes);
    if (text === row?.text || (await document.replace(row, text))) return results;
  }
}

interface Document {
  read(): Promise<Row | undefined>;
  /** Resolves to false, and writes nothing, if the document is no longer that of `row`. */
  replace(row: Row | undefined, text: string | undefined): Promise<boolean>;
}

function documentOf({ schema, query }: Postgres, name: string): Document {
  const names = name.split('/');
  return {
    read: async () => {
      const text = `SELECT value::text AS text, version FROM ${schema}.records WHERE kind = $1 AND key = $2`;
      const { rows } = await query({ text, values: names });
      return rows[0] as Row | undefined; // the columns of the statement
    },
    replace: async (row, text) => {
      const { rowCount } = await query(replacement(schema, { names, row, text }));
      return rowCount === 1;
    },
  };
}

interface Replacement {
  readonly names: readonly string[];
  readonly row: Row | undefined;
  readonly text: string | undefined;
}

function replacement(schema: string, { names, row, text }: Replacement) {
  const records = `${schema}.records`;
  if (row === undefined) {
    return {
      text: `INSERT INTO ${records} (kind, key, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      values: [...names, text],
    };
  }
  const unchanged = 'WHERE kind = $1 AND key = $2 AND version = $3';
  if (text === undefined) {
    return { text: `DELETE FROM ${records} ${unchanged}`, values: [...names, row.version] };
  }
  return {
    text: `UPDATE ${records} SET value = $4, version = DEFAULT ${unchanged}`,
    values: [...names, row.version, text],
  };
}

async function listDocuments<T extends JsonObject>(
  { schema, query }: Postgres,
  kind: string,
  { after, limit = DEFAULT_LIMIT, descending = false, where = {} }: ListPage,
): Promise<readonly Stored<T>[]> {
  const order = `ORDER BY key ${descending ? 'DESC' : 'ASC'} LIMIT $1`;
  const values: unknown[] = [limit, after ?? null];
  const parts = choicesOf(where).map(
    (choice) => `(SELECT key, value FROM ${schema}.records WHERE kind = '${kind}'
      AND ($2::text IS NULL OR key ${descending ? '<' : '>'} $2)${conditionOf(choice, values)} ${order})`,
  );
  if (parts.length === 0) return [];
  const { rows } = await query({
    text: `SELECT * FROM (${parts.join(' UNION ALL ')}) AS found ${order}`,
    values,
  });
  return rows as unknown as readonly Stored<T>[]; // the columns of the statement
}
