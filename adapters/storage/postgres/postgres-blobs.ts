/** Stores values under their content hash as rows of one table, which never change. */
import { sha256 } from '../../../core/values/digest.ts';
import { TOUCH_AFTER_MS } from '../../../core/storage/blobs.ts';
import type { Blobs, ContentStore, RemovedContent } from '../../../core/storage/blobs.ts';
import { checkedBlob, isBlobHash } from '../blob.ts';
import type { Postgres } from './postgres.ts';

/** Number of rows that one statement removes, so that none takes long. */
const REMOVED_AT_ONCE = 500;

export function openPostgresBlobs(database: Postgres): Blobs & ContentStore {
  const { schema, query } = database;
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      await query({
        text: `
          INSERT INTO ${schema}.blobs AS present (hash, bytes) VALUES ($1, $2)
          ON CONFLICT (hash) DO UPDATE SET touched_at = now(), bytes = excluded.bytes
          WHERE present.touched_at < now() - interval '${TOUCH_AFTER_MS} milliseconds' OR present.bytes <> excluded.bytes`,
        values: [hash, bytes],
      });
      return hash;
    },
    get: async (hash) => {
      return checkedBlob(hash, isBlobHash(hash) ? await readBlob(database, hash) : undefined);
    },
    missing: async (hashes) => {
      const text = `SELECT hash FROM ${schema}.blobs WHERE hash = ANY($1)`;
      const { rows } = await query({ text, values: [hashes.filter(isBlobHash)] });
      const stored = new Set(rows.map(({ hash }) => hash as string)); // the column's type
      return hashes.filter((hash) => !stored.has(hash));
    },
    touch: async (hashes) => {
      const text = `UPDATE ${schema}.blobs SET touched_at = now() WHERE hash = ANY($1) AND touched_at < now()`;
      await query({ text, values: [hashes] });
    },
    removeUnused: (before, isDryRun, needed = new Set()) =>
      removeUnused(database, [new Date(before), [...needed]], isDryRun),
  };
}

async function readBlob({ schema, query }: Postgres, hash: string): Promise<Uint8Array | undefined> {
  const text = `SELECT bytes FROM ${schema}.blobs WHERE hash = $1`;
  const { rows } = await query({ text, values: [hash] });
  return rows[0]?.['bytes'] as Uint8Array | undefined; // the column's type
}

async function removeUnused(
  { schema, query }: Postgres,
  values: readonly [before: Date, needed: readonly string[]],
  isDryRun: boolean,
): Promise<RemovedContent> {
  const unused = `FROM ${schema}.blobs WHERE touched_at < $1 AND hash NOT IN (SELECT unnest($2::text[]))`;
  const sizes = isDryRun
    ? `SELECT octet_length(bytes) AS size ${unused}`
    : `DELETE FROM ${schema}.blobs
       WHERE touched_at < $1 AND hash IN (SELECT hash ${unused} LIMIT ${REMOVED_AT_ONCE})
       RETURNING octet_length(bytes) AS size`;
  const text = `WITH sizes AS (${sizes}) SELECT count(*) AS items, coalesce(sum(size), 0) AS bytes FROM sizes`;
  const total = { items: 0, bytes: 0 };
  for (;;) {
    const { rows } = await query({ text, values: [...values] });
    const items = Number(rows[0]?.['items']);
    total.items += items;
    total.bytes += Number(rows[0]?.['bytes']);
    if (isDryRun || items < REMOVED_AT_ONCE) return total;
  }
}
