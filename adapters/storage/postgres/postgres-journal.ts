/** Stores logs as rows of one table, ordered by a sequence. */
import type { JsonObject } from '../../../core/json.ts';
import type { Journal } from '../../../core/storage/journal.ts';
import type { Where } from '../../../core/storage/record-index.ts';
import { inBatches } from '../batches.ts';
import { choicesOf, conditionOf } from './choices.ts';
import type { Postgres } from './postgres.ts';
import { partsOfLog } from '../state-names.ts';

/** Approximate size of one `read`, which returns at least one entry. */
const READ_BYTES = 4 * 1024 * 1024;
const READ_ENTRIES = 10_000;
/** Number of entries in the first piece; a short list takes one statement, a long one few more. */
const FIRST_ENTRIES = 100;
const GROWTH = 10;

/**
 * A reader continues after its last position, so no entry may appear before it later. An append therefore
 * draws its positions only after it holds the log's lock, and releases the lock when the entries are visible.
 * The positions are drawn outside the ordered subquery that waits for the lock.
 */
export function openPostgresJournal({ schema, query }: Postgres): Journal {
  const append = inBatches<readonly JsonObject[], void>(async (log, batches) => {
    const texts = batches.flat().map((entry) => JSON.stringify(entry));
    await query({
      text: `
        WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended($1, 0)))
        INSERT INTO ${schema}.journal (log, seq, entry, bytes)
        SELECT $2, nextval('${schema}.journal_seq'), text::json, octet_length(text)
        FROM (SELECT text FROM lock, unnest($3::text[]) WITH ORDINALITY AS entry (text, place) ORDER BY place) AS entries`,
      values: [`${schema}.${log}`, log, texts],
    });
    return batches.map(() => undefined);
  });
  return {
    append: async (log, entries) => {
      partsOfLog(log);
      if (entries.length > 0) await append(log, entries);
    },
    read: async (log, after = 0) => {
      partsOfLog(log);
      const { rows } = await query({
        text: `
          SELECT seq, entry FROM (
            SELECT seq, entry, sum(bytes) OVER (ORDER BY seq) - bytes AS bytes_before
            FROM ${schema}.journal WHERE log = $1 AND seq > $2 ORDER BY seq LIMIT ${READ_ENTRIES}
          ) AS entries WHERE bytes_before < ${READ_BYTES} ORDER BY seq`,
        values: [log, after],
      });
      return {
        entries: rows.map(({ entry }) => entry as JsonObject), // by a check of the table
        next: rows.length === 0 ? after : Number(rows.at(-1)?.['seq']),
      };
    },
    async *readBack(log, { where = {} } = {}) {
      partsOfLog(log);
      let before: unknown = null;
      for (let limit = FIRST_ENTRIES; ; limit = Math.min(limit * GROWTH, READ_ENTRIES)) {
        const rows: readonly Row[] = await lastEntries({ schema, query }, { log, where, before, limit });
        yield rows.map(({ entry }) => entry as JsonObject); // by a check of the table
        if (rows.length < limit) return;
        before = rows.at(-1)?.['seq'];
      }
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

interface Back {
  readonly log: string;
  readonly where: Where;
  readonly before: unknown;
  readonly limit: number;
}

async function lastEntries(
  { schema, query }: Pick<Postgres, 'schema' | 'query'>,
  { log, where, before, limit }: Back,
): Promise<readonly Row[]> {
  const values: unknown[] = [log, before, limit];
  const order = 'ORDER BY seq DESC LIMIT $3';
  const parts = choicesOf(where).map(
    (choice) => `(SELECT seq, entry FROM ${schema}.journal
      WHERE log = $1 AND ($2::bigint IS NULL OR seq < $2)${conditionOf(choice, values)} ${order})`,
  );
  if (parts.length === 0) return [];
  const { rows } = await query({
    text: `SELECT * FROM (${parts.join(' UNION ALL ')}) AS found ${order}`,
    values,
  });
  return rows;
}
