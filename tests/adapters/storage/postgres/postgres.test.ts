/** The three ports on a real Postgres keep the law that they keep on files. */
import { Client } from 'pg';
import { openPostgresBlobs } from '../../../../adapters/storage/postgres/postgres-blobs.ts';
import { openPostgresInventory } from '../../../../adapters/storage/postgres/postgres-inventory.ts';
import { openPostgresJournal } from '../../../../adapters/storage/postgres/postgres-journal.ts';
import { openPostgresRecords } from '../../../../adapters/storage/postgres/postgres-records.ts';
import { openPostgres } from '../../../../adapters/storage/postgres/postgres.ts';
import type { Postgres } from '../../../../adapters/storage/postgres/postgres.ts';
import { sha256 } from '../../../../core/values/digest.ts';
import { eventually } from '../../../support/eventually.ts';
import { startPostgres } from '../../../support/postgres.ts';
import type { TestPostgres } from '../../../support/postgres.ts';
import { bundledScript } from '../../../support/processes.ts';
import { blobsLaw, contentLaw } from '../../blobs.testsuite.ts';
import { inventoryLaw, listed } from '../../inventory.testsuite.ts';
import { journalLaw, readAll, sharedJournalLaw } from '../../journal.testsuite.ts';
import { recordRemovalLaw } from '../../record-removal.testsuite.ts';
import { recordsLaw, sharedRecordsLaw } from '../../records.testsuite.ts';

let server: TestPostgres;
let worker = '';
const opened: Postgres[] = [];

beforeAll(async () => {
  [server, worker] = await Promise.all([
    startPostgres(),
    bundledScript(new URL('../../../support/state-worker.ts', import.meta.url)),
  ]);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

let schemas = 0;
const newSchema = () => `Store_${++schemas}`;

function openSchema(schema: string): Postgres {
  const database = openPostgres({ dsn: server.dsn, schema });
  opened.push(database);
  return database;
}

/** Takes back all migrations but the first. */
async function toFirstRelease(schema: string): Promise<void> {
  await server.query(`
    DROP FUNCTION "${schema}".index_run CASCADE;
    ALTER TABLE "${schema}".records DROP COLUMN tenant, DROP COLUMN status, DROP COLUMN skill, DROP COLUMN subject;
    ALTER TABLE "${schema}".records DROP COLUMN queue, DROP COLUMN schedule;
    DROP TRIGGER index_audit ON "${schema}".journal;
    DROP FUNCTION "${schema}".index_audit;
    ALTER TABLE "${schema}".journal DROP COLUMN run, DROP COLUMN skill, DROP COLUMN subject, DROP COLUMN action;
    DROP FUNCTION "${schema}".keep_attachment CASCADE;
    ALTER TABLE "${schema}".blobs DROP COLUMN touched_at;
    DELETE FROM "${schema}".skillos_migrations WHERE version > 1`);
}

const store = {
  open: async () => {
    const schema = newSchema();
    const database = openSchema(schema);
    return {
      records: openPostgresRecords(database),
      journal: openPostgresJournal(database),
      blobs: openPostgresBlobs(database),
      database,
      schema,
      backend: 'postgres',
      location: JSON.stringify({ dsn: server.dsn, schema }),
    };
  },
  worker: () => worker,
};

recordsLaw({ open: async () => (await store.open()).records });
sharedRecordsLaw(store);
journalLaw({ open: async () => (await store.open()).journal });
sharedJournalLaw(store);
blobsLaw({ open: async () => (await store.open()).blobs });
recordRemovalLaw({ open: async () => (await store.open()).records });
let schemaOfBlobs = '';
contentLaw({
  open: async () => {
    const { blobs, schema } = await store.open();
    schemaOfBlobs = schema;
    return blobs;
  },
  age: async (hashes, days) => {
    const text = `UPDATE "${schemaOfBlobs}".blobs SET touched_at = now() - $2::interval WHERE hash = ANY($1)`;
    await server.query(text, [hashes, `${days} days`]);
  },
  damage: async (hash, bytes) => {
    await server.query(`UPDATE "${schemaOfBlobs}".blobs SET bytes = $2 WHERE hash = $1`, [hash, bytes]);
  },
});
inventoryLaw({
  open: async () => {
    const opened = await store.open();
    return { ...opened, inventory: openPostgresInventory(opened.database) };
  },
});

test('a blob that is put while its removal is not committed yet is there afterwards', async () => {
  const { blobs, schema } = await store.open();
  const bytes = Buffer.from('a value');
  const hash = await blobs.put(bytes);
  const client = new Client({ connectionString: server.dsn });
  await client.connect();
  await client.query(`BEGIN; DELETE FROM "${schema}".blobs`);
  const putting = blobs.put(bytes);
  const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"${schema}".blobs%'`;
  while ((await server.query(waiting)).length === 0);
  await client.query('COMMIT');
  await client.end();
  await expect(putting).resolves.toBe(hash);
  await blobs.get(hash);
});

/** What `jsonb` would refuse or change. */
const AWKWARD = {
  'z, then a': 1,
  a: '\u0000 and \ud800, alone',
  '\u0000': [1e300, 0.1, -1e-7, 9_007_199_254_740_991],
  emoji: '\u{1f600}',
  backslash: '\\u0000 {"quoted"}',
};

describe('openPostgresRecords', () => {
  test('keeps every JSON value as it is, with the order of its fields', async () => {
    const { records } = await store.open();
    await records.update('things', 'a', () => AWKWARD);
    const found = await records.get('things', 'a');
    expect(JSON.stringify(found)).toBe(JSON.stringify(AWKWARD));
    expect(JSON.stringify(await records.list('things'))).toBe(JSON.stringify([{ key: 'a', value: AWKWARD }]));
  });

  test('writes nothing where the change returns the same object', async () => {
    const { records, database } = await store.open();
    await records.update('things', 'a', () => ({ n: 1 }));
    const rowOf = async () =>
      (await database.query({ text: `SELECT version, xmin FROM ${database.schema}.records` })).rows;
    const before = await rowOf();
    await records.update('things', 'a', (current) => current);
    expect(await rowOf()).toEqual(before);
  });

  test('fails a change that throws alone, among others made together', async () => {
    const { records } = await store.open();
    const add = () => records.update<{ n: number }>('things', 'a', (now) => ({ n: (now?.n ?? 0) + 1 }));
    const refuse = () =>
      records.update('things', 'a', () => {
        throw new Error('refused');
      });
    const results = await Promise.allSettled([add(), add(), refuse(), add()]);
    expect(results).toMatchObject([
      { value: { n: 1 } },
      { value: { n: 2 } },
      { reason: { message: 'refused' } },
      { value: { n: 3 } },
    ]);
  });

  test('makes 200 changes of one document in 0.7 s', async () => {
    const { records } = await store.open();
    await records.get('things', 'a');
    const add = () => records.update<{ n: number }>('things', 'a', (now) => ({ n: (now?.n ?? 0) + 1 }));
    const begun = performance.now();
    await Promise.all(Array.from({ length: 200 }, add));
    expect(performance.now() - begun).toBeLessThan(700);
    await expect(records.get('things', 'a')).resolves.toEqual({ n: 200 });
  });

  test('holds up nobody while another connection is stuck after its reading', async () => {
    const { records, database, schema } = await store.open();
    await records.update('things', 'a', () => ({ n: 1 }));
    const client = new Client({ connectionString: server.dsn });
    await client.connect();
    await client.query(`BEGIN; SELECT * FROM "${schema}".records`);
    await expect(records.update('things', 'a', () => ({ n: 2 }))).resolves.toEqual({ n: 2 });
    await client.end();
    await expect(database.query({ text: 'SELECT 1' })).resolves.toBeDefined();
  });

  test('indexes the runs of the last release, and those that it writes from now on', async () => {
    const { database, schema } = await store.open();
    const run = (status: string) =>
      JSON.stringify({ status, tenant: 'default', input: '\ud800 \u0000 \\u0000' });
    const write = (key: string, status: string) =>
      database.query({
        text: `INSERT INTO ${database.schema}.records (kind, key, value) VALUES ('runs', $1, $2)`,
        values: [key, run(status)],
      });
    await database.query({ text: 'SELECT 1' });
    await toFirstRelease(schema);
    await write('a', 'success');
    await write('b', 'error');
    const records = openPostgresRecords(openSchema(schema));
    const where = { tenant: ['default'], status: ['error', 'paused'] };
    await expect(records.list('runs', { where })).resolves.toMatchObject([{ key: 'b' }]);
    await write('c', 'paused');
    await expect(records.list('runs', { where })).resolves.toMatchObject([{ key: 'b' }, { key: 'c' }]);
  });

  test('indexes the sessions of the last release, and those that it writes from now on', async () => {
    const { database, schema } = await store.open();
    const write = (key: string, subject: string) =>
      database.query({
        text: `INSERT INTO ${database.schema}.records (kind, key, value) VALUES ('sessions', $1, $2)`,
        values: [key, JSON.stringify({ tenant: 't', principal: { subject }, text: '\u0000' })],
      });
    await database.query({ text: 'SELECT 1' });
    await toFirstRelease(schema);
    await write('t.a', 'ann');
    await write('t.b', 'bob');
    const records = openPostgresRecords(openSchema(schema));
    const where = { tenant: ['t'], subject: ['bob'] };
    await expect(records.list('sessions', { where })).resolves.toMatchObject([{ key: 't.b' }]);
    await write('t.c', 'bob');
    await expect(records.list('sessions', { where })).resolves.toMatchObject([
      { key: 't.b' },
      { key: 't.c' },
    ]);
  });

  test('migrates while processes of the last release write', async () => {
    const { schema, records, journal } = await store.open();
    await records.get('runs', 'any'); // it has found its schema
    await toFirstRelease(schema);
    const migrated = new AbortController();
    const written: string[] = [];
    const lane = async (_: unknown, lane: number): Promise<void> => {
      for (let n = 0; !migrated.signal.aborted || n < 50; n++) {
        const key = `${lane}-${n}`;
        await records.update('runs', key, () => ({ tenant: 'default', status: 'error' }));
        await journal.append('audit/default', [{ action: key }]);
        written.push(key);
      }
    };
    const lanes = Promise.all(Array.from({ length: 6 }, lane));
    await eventually(async () => expect(written.length).toBeGreaterThan(100));
    const newer = openPostgresRecords(openSchema(schema));
    await newer.get('runs', 'any');
    migrated.abort();
    await lanes;

    const where = { tenant: ['default'], status: ['error'] };
    const found = await newer.list('runs', { where, limit: written.length + 1 });
    expect(found.map(({ key }) => key)).toEqual(written.toSorted());
    const actions = await server.query(`SELECT action FROM "${schema}".journal ORDER BY action`);
    expect(actions).toEqual(written.toSorted().map((key) => ({ action: JSON.stringify(key) })));
  });

  test('tells blobs from the attachments of the last release, and from those that it writes from now on', async () => {
    const { database, schema, blobs, records } = await store.open();
    const hash = await blobs.put(Buffer.from('a large value'));
    await server.query(`
      DROP FUNCTION "${schema}".keep_attachment CASCADE;
      ALTER TABLE "${schema}".blobs DROP COLUMN touched_at;
      DROP TRIGGER index_session ON "${schema}".records;
      DROP INDEX "${schema}".records_sessions_subject;
      DELETE FROM "${schema}".skillos_migrations WHERE version > 4`);
    const write = (id: string) =>
      database.query({
        text: `INSERT INTO ${database.schema}.blobs (hash, bytes) VALUES ($1, 'bytes')`,
        values: [sha256(`attachment:${id}`)],
      });
    await write('a');
    await records.update('attachments', 'r', () => ({ items: [{ filename: 'x\u0000', id: 'a' }] }));
    const inventory = openPostgresInventory(openSchema(schema));
    await expect(listed(inventory.blobs())).resolves.toEqual([hash]);
    await write('b');
    await expect(listed(inventory.blobs())).resolves.toEqual([hash]);
  });

  test('takes no document but an object', async () => {
    const { database } = await store.open();
    const text = `INSERT INTO ${database.schema}.records (kind, key, value) VALUES ('things', 'a', '[1]')`;
    await expect(database.query({ text })).rejects.toMatchObject({ code: 'storage_refused' });
  });
});

describe('openPostgresJournal', () => {
  test('keeps every JSON value as it is', async () => {
    const { journal } = await store.open();
    await journal.append('audit', [AWKWARD, { '': null }]);
    const { entries } = await journal.read('audit');
    expect(JSON.stringify(entries)).toBe(JSON.stringify([AWKWARD, { '': null }]));
  });

  test('gives no position before that of an entry which is not committed yet', async () => {
    const { journal, schema } = await store.open();
    await journal.append('audit', [{ n: 0 }]);
    const { next } = await journal.read('audit');
    const client = new Client({ connectionString: server.dsn });
    await client.connect();
    await client.query('BEGIN');
    const slow = openPostgresJournal({
      schema: `"${schema}"`,
      query: (statement) => client.query(statement),
      close: () => client.end(),
    });
    await slow.append('audit', [{ n: 1 }]);
    const later = journal.append('audit', [{ n: 2 }]);
    await journal.append('others', [{ n: 3 }]); // another log does not wait
    await expect(journal.read('audit', next)).resolves.toEqual({ entries: [], next });
    await client.query('COMMIT');
    await client.end();
    await later;
    expect((await journal.read('audit', next)).entries).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('shows a reader who follows every entry of several writers, each once and in order', async () => {
    const schema = newSchema();
    const writers = [0, 1, 2].map(() => openPostgresJournal(openSchema(schema)));
    const writing = writers.map(async (journal, writer) => {
      for (let n = 0; n < 100; n++) await journal.append('audit', [{ writer, n }]);
    });
    const journal = openPostgresJournal(openSchema(schema));
    const followed: object[] = [];
    for (let after = 0; followed.length < 300;) {
      const { entries, next } = await journal.read('audit', after);
      followed.push(...entries);
      after = next;
    }
    await Promise.all(writing);
    expect(followed).toEqual(await readAll(journal, 'audit'));
    for (const writer of [0, 1, 2]) {
      const own = followed.filter((entry) => (entry as { writer: number }).writer === writer);
      expect(own).toEqual(Array.from({ length: 100 }, (_, n) => ({ writer, n })));
    }
  });

  test('reads a long log in pieces', async () => {
    const { journal } = await store.open();
    const entries = Array.from({ length: 12_000 }, (_, n) => ({ n }));
    await journal.append('audit', entries);
    expect((await journal.read('audit')).entries.length).toBeLessThan(12_000);
    expect(await readAll(journal, 'audit')).toEqual(entries);
  });
});

describe('openPostgresBlobs', () => {
  test('rejects a changed blob as state_corrupt', async () => {
    const { blobs, database } = await store.open();
    const hash = await blobs.put(Buffer.from('a large value'));
    await database.query({ text: `UPDATE ${database.schema}.blobs SET bytes = 'cut'` });
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'state_corrupt', details: { key: hash } });
  });
});
