/** Logs as rows of one table, in the order of a sequence. */
import type { JsonObject } from '../core/json.ts';
import type { Journal } from '../core/ports.ts';
import { inBatches } from './batches.ts';
import type { Postgres } from './postgres.ts';
import { partsOfLog } from './state-names.ts';

/** One call of `read` takes about this much, and always at least one entry. */
const READ_BYTES = 4 * 1024 * 1024;
const READ_ENTRIES = 10_000;

/**
 * A reader goes on from the last position it saw, so no entry may appear behind it later. Therefore an append takes
 * its positions only once it holds the log's lock, and the lock is let go after the entries can be seen. The positions
 * are drawn above the ordered subquery that waits for the lock.
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
  };
}
