/** Stores values under their content hash as rows of one table, which never change. */
import { sha256 } from '../../../core/values/digest.ts';
import { TOUCH_AFTER_MS } from '../../../core/storage/blobs.ts';
import type { Blobs } from '../../../core/storage/blobs.ts';
import { checkedBlob, isBlobHash } from '../blob.ts';
import type { Postgres } from './postgres.ts';

export function openPostgresBlobs(database: Postgres): Blobs {
  const { schema, query } = database;
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      await query({
        text: `
          WITH touched AS (
            UPDATE ${schema}.blobs SET touched_at = now()
            WHERE hash = $1 AND touched_at < now() - interval '${TOUCH_AFTER_MS} milliseconds'
          )
          INSERT INTO ${schema}.blobs (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
        values: [hash, bytes],
      });
      return hash;
    },
    get: async (hash) => {
      return checkedBlob(hash, isBlobHash(hash) ? await readBlob(database, hash) : undefined);
    },
  };
}

async function readBlob({ schema, query }: Postgres, hash: string): Promise<Uint8Array | undefined> {
  const text = `SELECT bytes FROM ${schema}.blobs WHERE hash = $1`;
  const { rows } = await query({ text, values: [hash] });
  return rows[0]?.['bytes'] as Uint8Array | undefined; // the column's type
}
