/** The tables in Postgres: numbered migrations, each applied once, by whichever process comes first. */
import type { ClientBase } from 'pg';
import { SkillosError } from '../core/errors.ts';

/**
 * In order; the number of a migration is its place, from 1. One that was released never changes. They add and never
 * take away, because processes of the last release go on while those of the next start.
 */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  /*
   * `json` and not `jsonb`, which cannot hold U+0000, forgets the order of fields and rewrites numbers. "C" orders by
   * bytes. A `version` is never given twice, so that a document that was removed and made anew is not taken for the old.
   */
  (schema) => `
    CREATE SEQUENCE ${schema}.record_version;
    CREATE TABLE ${schema}.records (
      kind text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      value json NOT NULL CHECK (json_typeof(value) = 'object'),
      version bigint NOT NULL DEFAULT nextval('${schema}.record_version'),
      PRIMARY KEY (kind, key)
    );
    CREATE SEQUENCE ${schema}.journal_seq;
    CREATE TABLE ${schema}.journal (
      log text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      entry json NOT NULL CHECK (json_typeof(entry) = 'object'),
      bytes integer NOT NULL,
      PRIMARY KEY (log, seq)
    );
    CREATE TABLE ${schema}.blobs (
      hash text COLLATE "C" PRIMARY KEY,
      bytes bytea NOT NULL
    );`,
];

/** Brings the schema up to date. Ten processes at once are as good as one; a failure leaves nothing behind. */
export async function migrate(client: ClientBase, name: string): Promise<void> {
  const schema = `"${name}"`;
  if ((await readVersion(client, schema)) === MIGRATIONS.length) return;
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`skillos.${name}`]);
  await makeSchema(client, name);
  const version = await readVersion(client, schema); // another process may have been first
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await client.query(migration(schema));
    await client.query(`INSERT INTO ${schema}.skillos_migrations (version) VALUES ($1)`, [index + 1]);
  }
  await client.query('COMMIT');
}

/** Of what is there; rejects with `storage_too_new` where this code does not know it. */
async function readVersion(client: ClientBase, schema: string): Promise<number> {
  const version = await lastMigration(client, schema);
  if (version <= MIGRATIONS.length) return version;
  throw new SkillosError(
    'storage_too_new',
    `Postgres schema ${schema} is at migration ${version}, and this SkillOS knows ${MIGRATIONS.length}`,
  );
}

async function lastMigration(client: ClientBase, schema: string): Promise<number> {
  const { rows: found } = await client.query<{ is_there: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS is_there',
    [`${schema}.skillos_migrations`],
  );
  if (found[0]?.is_there !== true) return 0;
  const { rows } = await client.query<{ version: number }>(
    `SELECT coalesce(max(version), 0) AS version FROM ${schema}.skillos_migrations`,
  );
  return rows[0]?.version ?? 0;
}

/** Made only where there is none: who may not make schemas can still be given one. */
async function makeSchema(client: ClientBase, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA "${name}"`);
  await client.query(`
    CREATE TABLE IF NOT EXISTS "${name}".skillos_migrations (
      version integer PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
}
