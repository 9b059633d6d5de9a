/** The SQLite driver on real files, in its thread. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../../../adapters/connectors/connector.ts';
import { openSql } from '../../../adapters/connectors/sql/sql.ts';
import type { SqlSpec } from '../../../core/connectors/connector.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const FILE = 'data/app.sqlite';
const ENDLESS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';

const opened: Connector[] = [];
afterAll(async () => {
  for (const connector of opened) await connector.close();
});

interface Options {
  readonly isReadOnly?: boolean;
  readonly signal?: AbortSignal;
}

async function aDatabase({
  root = tempFolder(),
  ...more
}: Partial<SqlSpec> & { readonly root?: string } = {}) {
  const spec: SqlSpec = {
    type: 'sql',
    id: 'db',
    driver: 'sqlite',
    databasePath: FILE,
    timeoutMs: 50_000,
    ...more,
  };
  const connector = await openSql(spec, { root, resolveSecret: async (_, text) => text });
  opened.push(connector);
  const query = async (
    sql: string,
    params: readonly JsonValue[] = [],
    { isReadOnly = false, signal = new AbortController().signal }: Options = {},
  ): Promise<JsonObject> => {
    const { value } = await connector.call('query', { sql, params }, { isReadOnly, signal });
    return value as JsonObject;
  };
  return { root, query, connector };
}

test('creates the file below the root, and keeps what is written', async () => {
  const { root, query } = await aDatabase();
  expect(await query('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)')).toEqual({
    rows: [],
    row_count: 0,
  });
  const insert = 'INSERT INTO note (text) VALUES ($1), ($2)';
  expect(await query(insert, ["x'; DROP TABLE note --", 'größe'])).toEqual({ rows: [], row_count: 2 });
  expect(existsSync(join(root, FILE))).toBe(true);
  const again = await aDatabase({ root });
  expect(await again.query('SELECT text FROM note WHERE id > ?', [0], { isReadOnly: true })).toEqual({
    rows: [{ text: "x'; DROP TABLE note --" }, { text: 'größe' }],
    row_count: 2,
  });
});

test('values come back as JSON', async () => {
  const { query } = await aDatabase({ databasePath: ':memory:' });
  const sql =
    "SELECT $1 AS a, $2 AS b, $3 AS c, 9007199254740993 AS big, x'00ff' AS bytes, 1e999 AS inf, 1.5 AS f";
  expect(await query(sql, [1, null, true])).toEqual({
    rows: [{ a: 1, b: null, c: 1, big: '9007199254740993', bytes: 'AP8=', inf: 'Infinity', f: 1.5 }],
    row_count: 1,
  });
});

test('a database in memory lasts as long as the connector', async () => {
  const { query } = await aDatabase({ databasePath: ':memory:' });
  await query('CREATE TABLE t (a)');
  await query('INSERT INTO t VALUES (1)');
  expect(await query('SELECT a FROM t', [], { isReadOnly: true })).toMatchObject({ rows: [{ a: 1 }] });
  const refused = query('INSERT INTO t VALUES (2)', [], { isReadOnly: true });
  await expect(refused).rejects.toMatchObject({ code: 'sql_read_only' });
});

describe('a connector of one file', () => {
  let query: Awaited<ReturnType<typeof aDatabase>>['query'];
  beforeAll(async () => {
    ({ query } = await aDatabase());
    await query('CREATE TABLE t (a UNIQUE)');
    await query("INSERT INTO t VALUES ('a')");
  });

  test.each([
    ['SELECT ?', [], 'connector_invalid', '1 parameters'],
    ['SELECT * FROM none', [], 'sql_failed', 'no such table: none'],
    ['SELECT FROM', [], 'sql_failed', 'syntax error'],
    ["INSERT INTO t VALUES ('a')", [], 'sql_failed', 'UNIQUE constraint failed: t.a'],
    ["ATTACH '/etc/passwd' AS x", [], 'connector_invalid', 'begins with'],
    ["VACUUM INTO '/tmp/copy'", [], 'connector_invalid', 'begins with'],
    ["SELECT load_extension('x')", [], 'sql_failed', ''],
    ['SELECT randomblob(900000000)', [], 'sql_failed', ''],
    ['SELECT hex(zeroblob(6 * 1024 * 1024))', [], 'response_too_large', '10 MiB'],
    [
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n',
      [],
      'sql_too_many_rows',
      '10000',
    ],
  ])('refuses %s with %j: %s', async (sql, params, code, message) => {
    const refused = query(sql, params);
    await expect(refused).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
    expect(await query('SELECT count(*) AS n FROM t')).toMatchObject({ rows: [{ n: 1 }] });
  });
});

test('an answer that is too large has changed nothing', async () => {
  const { query } = await aDatabase();
  await query('CREATE TABLE t (a)');
  const sql = `INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10001)
    SELECT i FROM n RETURNING a`;
  await expect(query(sql)).rejects.toMatchObject({ code: 'sql_too_many_rows' });
  expect(await query('SELECT count(*) AS n FROM t')).toMatchObject({ rows: [{ n: 0 }] });
});

test('a skill that reads makes no file and changes none', async () => {
  const { root, query } = await aDatabase();
  const early = query('SELECT 1', [], { isReadOnly: true });
  await expect(early).rejects.toMatchObject({
    code: 'sql_failed',
    message: expect.stringContaining('no file') as string,
  });
  expect(existsSync(join(root, 'data'))).toBe(false);
  await query('CREATE TABLE t (a)');
  const refused = query('DROP TABLE t', [], { isReadOnly: true });
  await expect(refused).rejects.toMatchObject({ code: 'sql_read_only' });
});

test('a statement ends at the timeout, and the next one finds the file as it was before', async () => {
  const { root, query } = await aDatabase();
  const short = await aDatabase({ root, timeoutMs: 2_000 });
  await query('CREATE TABLE t (a)');
  await query('INSERT INTO t VALUES (1)');
  const endless = `INSERT INTO t ${ENDLESS}`;
  await expect(short.query(endless)).rejects.toMatchObject({ code: 'connector_timeout' });
  expect(await query('SELECT a FROM t', [], { isReadOnly: true })).toMatchObject({ rows: [{ a: 1 }] });
  expect(existsSync(join(root, `${FILE}.lock`))).toBe(false);
});

test('a statement ends when nobody waits for it any more', async () => {
  const { query } = await aDatabase();
  await query('CREATE TABLE t (a)');
  const abort = new AbortController();
  const asked = query(ENDLESS, [], { signal: abort.signal });
  abort.abort(new Error('over'));
  await expect(asked).rejects.toThrow('over');
  expect(await query('SELECT 1 AS one')).toMatchObject({ row_count: 1 });
});

test('a statement in progress ends before the connector closes', async () => {
  const { query, connector } = await aDatabase({ databasePath: ':memory:' });
  const counted = query(ENDLESS.replace('FROM n)', 'FROM n LIMIT 200000)'));
  await connector.close();
  expect(await counted).toMatchObject({ rows: [{ 'count(*)': 200_000 }] });
});

test('the lock of a worker that was killed is no obstacle', async () => {
  const { root, query } = await aDatabase();
  await query('CREATE TABLE t (a)');
  mkdirSync(join(root, `${FILE}.lock`));
  expect(await query('SELECT count(*) AS n FROM t', [], { isReadOnly: true })).toMatchObject({
    rows: [{ n: 0 }],
  });
});

test('several connectors change one file, one after another', async () => {
  const first = await aDatabase();
  const second = await aDatabase({ root: first.root });
  await first.query('CREATE TABLE t (a)');
  const all = Array.from({ length: 20 }, (_, n) =>
    (n % 2 ? first : second).query('INSERT INTO t VALUES (?)', [n]),
  );
  await Promise.all(all);
  expect(await first.query('SELECT count(*) AS n FROM t')).toMatchObject({ rows: [{ n: 20 }] });
});

test.each([
  ['../outside.sqlite', 'connector_invalid', 'below the skills root'],
  ['/tmp/outside.sqlite', 'connector_invalid', 'below the skills root'],
  ['link/outside.sqlite', 'connector_invalid', 'below the skills root'],
  ['text.txt', 'sql_failed', 'not a database'],
])('refuses the path %s', async (databasePath, code, message) => {
  const root = tempFolder();
  symlinkSync(tempFolder(), join(root, 'link'));
  writeFileSync(join(root, 'text.txt'), 'not a database at all, but text of some length. '.repeat(40));
  const { query } = await aDatabase({ root, databasePath });
  const refused = query('SELECT count(*) FROM sqlite_schema');
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
});
