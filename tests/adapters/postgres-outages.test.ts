/** What the postgres backend does when the server is away, refuses, or is of another release. */
import { copyFileSync, chmodSync, chownSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { openPostgresBlobs } from '../../adapters/storage/postgres/postgres-blobs.ts';
import { openPostgresJournal } from '../../adapters/storage/postgres/postgres-journal.ts';
import { openPostgresRecords } from '../../adapters/storage/postgres/postgres-records.ts';
import { openPostgres } from '../../adapters/storage/postgres/postgres.ts';
import type { Postgres } from '../../adapters/storage/postgres/postgres.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { PROCESSES_TIMEOUT_MS, bundledScript, spawnLines } from '../support/processes.ts';
import type { Spawned } from '../support/processes.ts';

const CERTIFICATE = fileURLToPath(new URL('../fixtures/tls/server.crt', import.meta.url));
const KEY = fileURLToPath(new URL('../fixtures/tls/server.key', import.meta.url));

let server: TestPostgres;
let worker = '';
const opened: Postgres[] = [];

beforeAll(async () => {
  [server, worker] = await Promise.all([
    startPostgres(),
    bundledScript(new URL('../support/state-worker.ts', import.meta.url)),
  ]);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

function open(options: { readonly dsn?: string; readonly schema?: string } = {}): Postgres {
  const database = openPostgres({ dsn: server.dsn, schema: 'skillos', ...options });
  opened.push(database);
  return database;
}

const one = { text: 'SELECT 1' };
const saying = (message: string) => ({
  code: 'storage_unreachable',
  message: `Cannot use Postgres: ${message}`,
});
const refusing = (message: string) => ({ ...saying(message), code: 'storage_refused' });

describe('startPostgres', () => {
  test.each(['system', 'npm'] as const)('starts the Postgres of the %s', async (from) => {
    const { dsn } = await startPostgres({ from });
    await expect(open({ dsn }).query(one)).resolves.toMatchObject({ rowCount: 1 });
  });
});

describe('a server that is restarted under load', () => {
  test(
    'loses no change that was acknowledged and makes none twice',
    async () => {
      const bounced = await startPostgres();
      const location = JSON.stringify({ dsn: bounced.dsn, schema: 'skillos' });
      const times = 200;
      const args = [worker, 'postgres', location, 'count-through', 'things', 'a'];
      const writers = Array.from({ length: 8 }, (_, index) =>
        spawnLines(process.execPath, [...args, `w${index}`, `${times}`]),
      );
      const codes: (number | null)[] = [];
      for (const { ended } of writers) void ended.then((code) => codes.push(code));
      let restarts = 0;
      for (; codes.length < writers.length; restarts++) {
        const writer = writers[restarts % writers.length] as Spawned;
        await writer.untilLines(writer.lines.length + 40);
        await bounced.stop(restarts % 2 === 0 ? 'SIGINT' : 'SIGQUIT');
        await bounced.start();
      }
      expect(codes).toEqual(Array(8).fill(0));
      expect(restarts).toBeGreaterThan(2);
      expect(writers.flatMap(({ lines }) => lines)).toContainEqual({ failed: expect.any(String) });
      const stored = await openPostgresRecords(open({ dsn: bounced.dsn })).get('things', 'a');
      expect(stored).toMatchObject({ n: 8 * times });
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('is used again by the same process, idle connections and all', async () => {
    const bounced = await startPostgres();
    const records = openPostgresRecords(open({ dsn: bounced.dsn }));
    await Promise.all(Array.from({ length: 5 }, (_, n) => records.update('things', `k${n}`, () => ({ n }))));
    await bounced.stop('SIGQUIT');
    await expect(records.get('things', 'k1')).rejects.toMatchObject({ code: 'storage_unreachable' });
    await bounced.start();
    await expect(records.get('things', 'k1')).resolves.toEqual({ n: 1 });
  });
});

describe('a server that cannot be used', () => {
  test('says so at once where nobody listens', async () => {
    const database = open({ dsn: 'postgres://skillos@127.0.0.1:1/postgres' });
    const refused = saying('the server does not answer (ECONNREFUSED)');
    await expect(openPostgresRecords(database).get('things', 'a')).rejects.toMatchObject(refused);
    await expect(openPostgresJournal(database).append('audit', [{}])).rejects.toMatchObject(refused);
    await expect(openPostgresBlobs(database).put(Buffer.from('x'))).rejects.toMatchObject(refused);
  });

  test('says so within 6 s where nobody answers', async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const begun = performance.now();
    await expect(open({ dsn: `postgres://x@127.0.0.1:${port}/x` }).query(one)).rejects.toMatchObject(
      saying('the server does not answer'),
    );
    expect(performance.now() - begun).toBeLessThan(6_000);
    silent.close();
  });

  test.each<[string, (dsn: string) => string, string]>([
    [
      'password',
      (dsn) => dsn.replace('hush-', 'hush-hush-'),
      'the user name or the password is refused (28P01)',
    ],
    ['database', (dsn) => dsn.replace(/postgres$/, 'nowhere'), 'the database does not exist (3D000)'],
    ['TLS', (dsn) => `${dsn}?sslmode=verify-full`, 'no TLS connection that can be trusted'],
  ])('says what is wrong with the %s, and nothing of the DSN', async (_, change, message) => {
    const error: unknown = await open({ dsn: change(server.dsn) })
      .query(one)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusing(message));
    expect(inspect(error, { depth: 10 })).not.toContain('hush-');
  });

  test.each(['postgres://u:hush-@[x/db', 'postgres://u:hush-@h:port/db', 'postgres://%zz:hush-@h/db'])(
    'refuses the DSN %j without showing it',
    async (dsn) => {
      const error: unknown = await open({ dsn })
        .query(one)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(config_invalid|storage_unreachable)$/) });
      expect(inspect(error, { depth: 10 })).not.toContain('hush-');
    },
  );

  test('that is encoded in LATIN1 is refused at the first use, and left as it is', async () => {
    await server.query(
      "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    const dsn = server.dsn.replace(/postgres$/, 'latin');
    const records = openPostgresRecords(open({ dsn }));
    const refused = refusing('the database is encoded in LATIN1: expected UTF8');
    await expect(records.update('things', 'a', () => ({ text: '😀' }))).rejects.toMatchObject(refused);
    const client = new Client({ connectionString: dsn });
    await client.connect();
    const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = 'skillos'");
    await client.end();
    expect(rows).toEqual([]);
  });

  test.each<[string, string, string, string?]>([
    ['53300', 'storage_unreachable', 'the server lacks resources (53300)'],
    ['57P03', 'storage_unreachable', 'the server is stopping or starting (57P03)'],
    ['40P01', 'storage_unreachable', 'unexpected error (40P01)'],
    ['25006', 'storage_unreachable', 'the server takes no writes (25006)'],
    ['XX000', 'storage_unreachable', 'unexpected error (XX000)'],
    ['53100', 'storage_full', 'the disk is full (53100)'],
    [
      '22P05',
      'storage_refused',
      'the encoding of the database cannot hold a character: expected UTF8 (22P05)',
    ],
    [
      '08P01',
      'storage_refused',
      'it or a pooler refuses a start-up parameter (PgBouncer: ignore_startup_parameters = statement_timeout) (08P01)',
      'unsupported startup parameter: statement_timeout',
    ],
    [
      '08P01',
      'storage_unreachable',
      'a pooler gets no answer of the server (08P01)',
      'server login has been failing, try again later (server_login_retry)',
    ],
  ])('that answers %s counts as %s', async (sqlstate, code, message, said = 'hush-') => {
    const refusal = Buffer.from(`SFATAL\0C${sqlstate}\0M${said}\0\0`);
    const head = Buffer.from('E\0\0\0\0');
    head.writeInt32BE(refusal.length + 4, 1);
    const refuser = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(Buffer.concat([head, refusal])));
    });
    refuser.listen(0, '127.0.0.1');
    await once(refuser, 'listening');
    const { port } = refuser.address() as AddressInfo;
    const { query } = open({ dsn: `postgres://x@127.0.0.1:${port}/x` });
    await expect(query(one)).rejects.toMatchObject({ ...saying(message), code });
    refuser.close();
  });

  test('shows neither statement nor values where a statement fails', async () => {
    const database = open({ schema: 'broken' });
    const records = openPostgresRecords(database);
    await records.get('things', 'a');
    await server.query('ALTER TABLE broken.records ADD CHECK (length(value::text) < 10)');
    const error: unknown = await records
      .update('things', 'a', () => ({ secret: 'hush-payload' }))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusing('unexpected error (23514)'));
    expect(inspect(error, { depth: 10 })).not.toMatch(/hush-|INSERT/);
  });
});

describe('TLS', () => {
  test('is used as the DSN says', async () => {
    const secured = await startPostgres({
      settings: ['ssl=on', 'ssl_cert_file=../server.crt', 'ssl_key_file=../server.key'],
      prepare: (folder) => {
        const { uid, gid } = statSync(folder);
        for (const [source, name] of [
          [CERTIFICATE, 'server.crt'],
          [KEY, 'server.key'],
        ] as const) {
          const copy = path.join(folder, name);
          copyFileSync(source, copy);
          chmodSync(copy, 0o600);
          chownSync(copy, uid, gid);
        }
      },
    });
    const trusted = open({ dsn: `${secured.dsn}?sslmode=verify-full&sslrootcert=${CERTIFICATE}` });
    const { rows } = await trusted.query({
      text: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    });
    expect(rows).toEqual([{ ssl: true }]);
    await expect(open({ dsn: `${secured.dsn}?sslmode=verify-full` }).query(one)).rejects.toMatchObject({
      message: expect.stringContaining('no TLS connection that can be trusted'),
    });
  });
});

describe('migrate', () => {
  test(
    'is done once when ten processes come at once',
    async () => {
      const location = JSON.stringify({ dsn: server.dsn, schema: 'raced' });
      const args = [worker, 'postgres', location, 'increment', 'things', 'a', '1'];
      const workers = Array.from({ length: 10 }, () => spawnLines(process.execPath, args));
      await expect(Promise.all(workers.map(({ ended }) => ended))).resolves.toEqual(Array(10).fill(0));
      await expect(openPostgresRecords(open({ schema: 'raced' })).get('things', 'a')).resolves.toEqual({
        n: 10,
      });
      await expect(server.query('SELECT version FROM raced.skillos_migrations')).resolves.toEqual([
        { version: 1 },
        { version: 2 },
        { version: 3 },
        { version: 4 },
        { version: 5 },
        { version: 6 },
      ]);
    },
    PROCESSES_TIMEOUT_MS,
  );

  test('outlives a connection that breaks without a word, and is done when it can be', async () => {
    const bounced = await startPostgres();
    const database = open({ dsn: bounced.dsn });
    const other = new Client({ connectionString: bounced.dsn });
    other.on('error', () => undefined);
    await other.connect();
    await other.query("SELECT pg_advisory_lock(hashtextextended('skillos.skillos', 0))");
    const failed = expect(database.query(one)).rejects.toMatchObject(saying('the connection broke'));
    const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory'";
    let pid: number | undefined;
    while (pid === undefined) pid = (await bounced.query<{ pid: number }>(waiting))[0]?.pid;
    process.kill(pid, 'SIGKILL');
    await failed;
    await bounced.stop('SIGQUIT');
    await bounced.start();
    await expect(database.query(one)).resolves.toMatchObject({ rowCount: 1 });
  });

  test('refuses tables that a newer release has made, and touches nothing', async () => {
    await open({ schema: 'newer' }).query(one);
    await server.query('INSERT INTO newer.skillos_migrations (version) VALUES (99)');
    await server.query('DROP TABLE newer.records');
    await expect(open({ schema: 'newer' }).query(one)).rejects.toMatchObject({
      code: 'storage_too_new',
      message: 'Postgres schema "newer" is at migration 99, and this SkillOS knows 6',
    });
    await expect(server.query("SELECT to_regclass('newer.records') AS found")).resolves.toEqual([
      { found: null },
    ]);
  });

  test('leaves nothing behind where it fails, and is done when it can be', async () => {
    await server.query('CREATE SCHEMA taken; CREATE TABLE taken.blobs (of_somebody_else int)');
    const database = open({ schema: 'taken' });
    await expect(database.query(one)).rejects.toMatchObject(refusing('unexpected error (42P07)'));
    const tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'taken'";
    await expect(server.query(tables)).resolves.toEqual([{ tablename: 'blobs' }]);
    await server.query('DROP TABLE taken.blobs');
    await expect(database.query(one)).resolves.toMatchObject({ rowCount: 1 });
  });

  test('needs no right to make schemas where the schema is there', async () => {
    await server.query(`CREATE ROLE guest LOGIN PASSWORD '${server.password}'`);
    await server.query('CREATE SCHEMA given AUTHORIZATION guest');
    const dsn = server.dsn.replace('//skillos:', '//guest:');
    await expect(open({ dsn, schema: 'given' }).query(one)).resolves.toMatchObject({ rowCount: 1 });
    await expect(open({ dsn, schema: 'other' }).query(one)).rejects.toMatchObject(
      refusing('the user lacks a privilege (42501)'),
    );
  });
});

describe('close', () => {
  test('lets go of every connection', async () => {
    const database = open({ dsn: `${server.dsn}?application_name=closing` });
    await Promise.all(Array.from({ length: 5 }, () => database.query(one)));
    await database.close();
    const mine = "SELECT FROM pg_stat_activity WHERE application_name = 'closing'";
    for (;;) if ((await server.query(mine)).length === 0) break;
  });

  test('is no error where nothing was opened', async () => {
    await expect(open().close()).resolves.toBeUndefined();
  });
});
