/** The tables in Postgres: numbered migrations, each applied once, by the first process that needs it. */
import type { ClientBase } from 'pg';
import { SkillosError } from '../../../core/errors/errors.ts';

/**
 * In order; the number of a migration is its position, from 1. A released migration never changes. Migrations
 * only add, because processes of the previous release continue while those of the next one start.
 */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  /**
   * `json` and not `jsonb`, which refuses U+0000, loses the order of fields and rewrites numbers. "C" orders
   * by bytes. A `version` is never used twice, so that a document that was removed and created again differs
   * from the old one.
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
  /**
   * The fields of `RECORD_INDEXES`, as in the JSON text. Columns instead of expression indexes: with an index
   * over an expression of `value`, each change of any record would write to every index of the table. A
   * trigger sets them, so that they are also set for processes of the previous release, which do not know
   * them. Postgres cannot read a member of a document that contains U+0000 or an unpaired surrogate anywhere,
   * so those escapes are replaced by U+0001 first, as in `indexedText`.
   */
  (schema) => `
    ALTER TABLE ${schema}.records
      ADD COLUMN tenant text COLLATE "C",
      ADD COLUMN status text COLLATE "C",
      ADD COLUMN skill text COLLATE "C",
      ADD COLUMN subject text COLLATE "C";
    CREATE FUNCTION ${schema}.index_run() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        document json := NEW.value;
      BEGIN
        IF document::text ~ '\\\\u(0000|d[89a-f])' THEN
          document := regexp_replace(document::text, '\\\\u(0000|d[89a-f]..)', '\\\\u0001', 'g')::json;
        END IF;
        NEW.tenant := coalesce((document -> 'tenant')::text, '""');
        NEW.status := coalesce((document -> 'status')::text, '""');
        NEW.skill := coalesce((document -> 'skill')::text, '""');
        NEW.subject := coalesce((document -> 'principal' -> 'subject')::text, '""');
        RETURN NEW;
      END $$;
    CREATE TRIGGER index_run BEFORE INSERT OR UPDATE OF value ON ${schema}.records
      FOR EACH ROW WHEN (NEW.kind = 'runs') EXECUTE FUNCTION ${schema}.index_run();
    UPDATE ${schema}.records SET value = value WHERE kind = 'runs';
    CREATE INDEX records_runs_status ON ${schema}.records (tenant, status, key) WHERE kind = 'runs';
    CREATE INDEX records_runs_skill ON ${schema}.records (tenant, skill, key, status) WHERE kind = 'runs';
    CREATE INDEX records_runs_subject ON ${schema}.records (tenant, subject, key, status) WHERE kind = 'runs';`,
  /**
   * The fields of `AUDIT_FIELDS`, likewise. Most entries have no run or no skill, and are not in the index of
   * that field.
   */
  (schema) => `
    ALTER TABLE ${schema}.journal
      ADD COLUMN run text COLLATE "C",
      ADD COLUMN skill text COLLATE "C",
      ADD COLUMN subject text COLLATE "C",
      ADD COLUMN action text COLLATE "C";
    CREATE FUNCTION ${schema}.index_audit() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        document json := NEW.entry;
      BEGIN
        IF document::text ~ '\\\\u(0000|d[89a-f])' THEN
          document := regexp_replace(document::text, '\\\\u(0000|d[89a-f]..)', '\\\\u0001', 'g')::json;
        END IF;
        NEW.run := (document -> 'run')::text;
        NEW.skill := (document -> 'skill')::text;
        NEW.subject := (document -> 'actor' -> 'subject')::text;
        NEW.action := (document -> 'action')::text;
        RETURN NEW;
      END $$;
    CREATE TRIGGER index_audit BEFORE INSERT OR UPDATE OF entry ON ${schema}.journal
      FOR EACH ROW WHEN (NEW.log LIKE 'audit/%') EXECUTE FUNCTION ${schema}.index_audit();
    UPDATE ${schema}.journal SET entry = entry WHERE log LIKE 'audit/%';
    CREATE INDEX journal_audit_run ON ${schema}.journal (log, run, seq) WHERE run IS NOT NULL;
    CREATE INDEX journal_audit_skill ON ${schema}.journal (log, skill, seq) WHERE skill IS NOT NULL;
    CREATE INDEX journal_audit_subject ON ${schema}.journal (log, subject, seq) WHERE subject IS NOT NULL;
    CREATE INDEX journal_audit_action ON ${schema}.journal (log, action, seq) WHERE action IS NOT NULL;`,
  /* The fields `queue` of jobs and `schedule` of fired runs. Their indexes leave the writes of other runs as they are. */
  (schema) => `
    ALTER TABLE ${schema}.records
      ADD COLUMN queue text COLLATE "C",
      ADD COLUMN schedule text COLLATE "C";
    CREATE OR REPLACE FUNCTION ${schema}.index_run() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        document json := NEW.value;
      BEGIN
        IF document::text ~ '\\\\u(0000|d[89a-f])' THEN
          document := regexp_replace(document::text, '\\\\u(0000|d[89a-f]..)', '\\\\u0001', 'g')::json;
        END IF;
        NEW.tenant := coalesce((document -> 'tenant')::text, '""');
        NEW.status := coalesce((document -> 'status')::text, '""');
        NEW.skill := coalesce((document -> 'skill')::text, '""');
        NEW.subject := coalesce((document -> 'principal' -> 'subject')::text, '""');
        NEW.queue := coalesce((document -> 'queue')::text, '""');
        NEW.schedule := (document -> 'schedule')::text;
        RETURN NEW;
      END $$;
    CREATE INDEX records_runs_queue ON ${schema}.records (queue, status, key)
      WHERE kind = 'runs' AND queue = '"jobs"';
    UPDATE ${schema}.records SET value = value WHERE kind = 'runs' AND value::text LIKE '%"schedule"%';
    CREATE INDEX records_runs_schedule ON ${schema}.records (tenant, schedule, key, status)
      WHERE kind = 'runs' AND schedule IS NOT NULL;`,
  /**
   * When a blob was last put, for `storage gc`; infinity for attachments, which are rows under another hash than that of
   * their bytes and are removed with their records. A trigger sets that, also for processes of the previous release. Rows that
   * exist are found by the records of attachments, because reading all bytes would lock the table for long.
   */
  (schema) => `
    ALTER TABLE ${schema}.blobs ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now();
    CREATE FUNCTION ${schema}.keep_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF encode(sha256(NEW.bytes), 'hex') <> NEW.hash THEN
          NEW.touched_at := 'infinity';
        END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER keep_attachment BEFORE INSERT ON ${schema}.blobs
      FOR EACH ROW EXECUTE FUNCTION ${schema}.keep_attachment();
    UPDATE ${schema}.blobs SET touched_at = 'infinity' WHERE hash IN (
      SELECT encode(sha256(convert_to('attachment:' || (item ->> 'id'), 'UTF8')), 'hex')
      FROM ${schema}.records, json_array_elements(
        regexp_replace(value::text, '\\\\u(0000|d[89a-f]..)', '\\\\u0001', 'g')::json -> 'items') AS item
      WHERE kind = 'attachments');
    CREATE INDEX blobs_touched_at ON ${schema}.blobs (touched_at);`,
  /* The tenant and subject of sessions, in the columns of runs and set by the same function; sessions have none of the other fields. */
  (schema) => `
    CREATE TRIGGER index_session BEFORE INSERT OR UPDATE OF value ON ${schema}.records
      FOR EACH ROW WHEN (NEW.kind = 'sessions') EXECUTE FUNCTION ${schema}.index_run();
    UPDATE ${schema}.records SET value = value WHERE kind = 'sessions';
    CREATE INDEX records_sessions_subject ON ${schema}.records (tenant, subject, key) WHERE kind = 'sessions';`,
];

/** A migration reads all rows, which takes longer than any other statement: about 30 s for 1,000,000 runs. */
const MIGRATION_TIMEOUT_MS = 60 * 60 * 1000;

/**
 * Applies missing migrations. Processes that call it at the same time apply each once; a failure changes nothing.
 * Rejects with `storage_refused` unless the database is encoded in UTF8, and with `storage_too_new`.
 */
export async function migrate(client: ClientBase, name: string): Promise<void> {
  const schema = `"${name}"`;
  await checkEncoding(client);
  if ((await readVersion(client, schema)) === MIGRATIONS.length) return;
  await client.query('BEGIN');
  await client.query(`SET LOCAL statement_timeout = ${MIGRATION_TIMEOUT_MS}`);
  await patiently(client, 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`skillos.${name}`]);
  await makeSchema(client, name);
  const version = await readVersion(client, schema); // another process may have applied them first
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await patiently(client, migration(schema));
    await client.query(`INSERT INTO ${schema}.skillos_migrations (version) VALUES ($1)`, [index + 1]);
  }
  await client.query('COMMIT');
}

/** In another encoding the first document with a character that it lacks would fail, in the middle of a run. */
async function checkEncoding(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('SHOW server_encoding');
  const encoding = rows[0]?.server_encoding;
  if (encoding === 'UTF8') return;
  throw new SkillosError(
    'storage_refused',
    `Cannot use Postgres: the database is encoded in ${encoding}: expected UTF8`,
    { hint: "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and name it in SKILLOS_POSTGRES_DSN" },
  );
}

/** `query_timeout` is a limit of the driver. `pg` accepts it per statement, but its types lack it. */
async function patiently(client: ClientBase, text: string, values?: string[]): Promise<void> {
  const statement = { text, query_timeout: MIGRATION_TIMEOUT_MS };
  await client.query(values === undefined ? statement : { ...statement, values });
}

/** Returns the version of the schema; rejects with `storage_too_new` if this code does not know it. */
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

/** Creates the schema only if it is missing, so that a user without the privilege can use an existing one. */
async function makeSchema(client: ClientBase, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [name]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA "${name}"`);
  await client.query(`
    CREATE TABLE IF NOT EXISTS "${name}".skillos_migrations (
      version integer PRIMARY KEY,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
}
