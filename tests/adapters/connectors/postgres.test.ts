/** The Postgres driver on a real server. */
import { openSql } from '../../../adapters/connectors/sql/sql.ts';
import type { Connector } from '../../../adapters/connectors/connector.ts';
import type { SqlSpec } from '../../../core/connectors/connector.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { eventually } from '../../support/eventually.ts';
import { startPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';

const spec: SqlSpec = {
  type: 'sql',
  id: 'db',
  driver: 'postgres',
  dsn: 'secret:DSN',
  databasePath: ':memory:',
  timeoutMs: 5_000,
};

let server: TestPostgres;
let dsn: string;
let connector: Connector;

beforeAll(async () => {
  server = await startPostgres();
  ({ dsn } = server);
  await server.query('CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)');
  connector = await open();
});
afterAll(() => connector.close());

const open = (more: Partial<SqlSpec> = {}) =>
  openSql({ ...spec, ...more }, { root: '/nowhere', resolveSecret: async () => dsn });

interface Options {
  readonly isReadOnly?: boolean;
  readonly signal?: AbortSignal;
  readonly on?: Connector;
}

async function query(
  sql: string,
  params: readonly JsonValue[] = [],
  { isReadOnly = false, signal = new AbortController().signal, on = connector }: Options = {},
): Promise<JsonObject> {
  const { value } = await on.call('query', { sql, params }, { isReadOnly, signal });
  return value as JsonObject;
}

const errorOf = async (
  work: Promise<unknown>,
): Promise<{ code: string; message: string; details?: object }> =>
  work.then(
    () => {
      throw new Error('It succeeded');
    },
    (error: unknown) => {
      expect(JSON.stringify([error, String(error)])).not.toContain(server.password);
      return error as { code: string; message: string };
    },
  );

test('values are parameters, and come back as JSON', async () => {
  const sql = `SELECT $1::int AS i, $2::text AS t, $3::bool AS b, $4::jsonb AS j, $5::text[] AS a, 9007199254740993::bigint AS big,
    12345678901234567890.5::numeric AS n, '2026-03-29 02:30:00'::timestamp AS ts, '2026-03-29'::date AS d,
    'NaN'::float8 AS nan, '\\x00ff'::bytea AS bytes, null AS nothing`;
  const params = [1, "x'; DROP TABLE item --", true, { a: [1] }, ['x', 'y']];
  expect(await query(sql, params)).toEqual({
    rows: [
      {
        i: 1,
        t: "x'; DROP TABLE item --",
        b: true,
        j: { a: [1] },
        a: ['x', 'y'],
        big: '9007199254740993',
        n: '12345678901234567890.5',
        ts: '2026-03-29 02:30:00',
        d: '2026-03-29',
        nan: 'NaN',
        bytes: '\\x00ff',
        nothing: null,
      },
    ],
    row_count: 1,
  });
});

test('counts what a statement has changed', async () => {
  const insert = 'INSERT INTO item SELECT n, $1 FROM generate_series(1, 3) AS n';
  expect(await query(insert, ['a'])).toEqual({ rows: [], row_count: 3 });
  expect(await query('DELETE FROM item RETURNING id')).toMatchObject({ row_count: 3 });
});

test.each([
  ['SELECT $1::int', [], 'connector_invalid', 'one value for each parameter'],
  ['SELECT 1', [1], 'connector_invalid', 'one value for each parameter'],
  ['SELEC 1', [], 'sql_failed', 'syntax error'],
  ['SELECT 1; SELECT 2', [], 'sql_failed', 'multiple commands'],
  ['SELECT $1::int', ['hush'], 'sql_failed', 'invalid input syntax for type integer (22P02)'],
  ['SELECT $1::int', ['7777777777'], 'sql_failed', 'value "..." is out of range for type integer (22003)'],
  ["SELECT to_date($1, 'YYYY')", ['hush'], 'sql_failed', 'invalid value "..." (22007)'],
  ['INSERT INTO item VALUES (1, null)', [], 'sql_failed', '23502'],
  ['SELECT 1/0', [], 'sql_failed', 'division by zero'],
  ['VACUUM', [], 'sql_failed', 'transaction block'],
  ["SELECT repeat('x', 11 * 1024 * 1024)", [], 'response_too_large', '10 MiB'],
  ['SELECT * FROM generate_series(1, 10001)', [], 'sql_too_many_rows', '10000 rows'],
])('refuses %s with %j: %s', async (sql, params, code, message) => {
  const error = await errorOf(query(sql, params));
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  expect(error.message).not.toContain('hush');
  expect(await query('SELECT 1 AS one')).toMatchObject({ rows: [{ one: 1 }] });
});

test('names the constraint that a value breaks', async () => {
  await query('INSERT INTO item VALUES (9, $1)', ['a']);
  const error = await errorOf(query('INSERT INTO item VALUES (9, $1)', ['b']));
  expect(error).toMatchObject({
    code: 'sql_failed',
    details: { sqlstate: '23505', constraint: 'item_pkey' },
  });
  await query('DELETE FROM item');
});

test('an answer that is too large has changed nothing', async () => {
  const sql = "INSERT INTO item SELECT n, 'a' FROM generate_series(1, 10001) AS n RETURNING id";
  expect((await errorOf(query(sql))).code).toBe('sql_too_many_rows');
  expect(await server.query('SELECT id FROM item')).toEqual([]);
});

test.each(["INSERT INTO item VALUES (1, 'a')", 'CREATE TABLE other ()', 'DROP TABLE item'])(
  'a skill that reads cannot execute %s',
  async (sql) => {
    expect((await errorOf(query(sql, [], { isReadOnly: true }))).code).toBe('sql_read_only');
  },
);

test('what one call has set does not reach the next', async () => {
  await query("SET application_name = 'mine'");
  await query("SELECT set_config('statement_timeout', '1', false)");
  for (let turn = 0; turn < 6; turn++) {
    expect(await query("SELECT current_setting('application_name') AS name, pg_sleep(0.01)")).toMatchObject({
      rows: [{ name: 'skillos' }],
    });
  }
});

const sleeping = (sql: string) =>
  server.query(
    `SELECT pid FROM pg_stat_activity WHERE query LIKE '%${sql}%' AND query NOT LIKE '%activity%' AND state = 'active'`,
  );
const running = () => sleeping('pg_sleep(60)');

test('ends a statement at the timeout of the connector, on the server too', async () => {
  const short = await open({ timeoutMs: 200 });
  expect((await errorOf(query('SELECT pg_sleep(60)', [], { on: short }))).code).toBe('connector_timeout');
  await eventually(async () => expect(await running()).toEqual([]));
  await short.close();
});

test('ends a statement when nobody waits for it any more, on the server too', async () => {
  const abort = new AbortController();
  const asked = query('SELECT pg_sleep(60)', [], { signal: abort.signal });
  await eventually(async () => expect(await running()).toHaveLength(1));
  abort.abort(new Error('over'));
  await expect(asked).rejects.toThrow('over');
  await eventually(async () => expect(await running()).toEqual([]));
});

test('more calls than connections wait for each other', async () => {
  const answers = await Promise.all(Array.from({ length: 32 }, (_, n) => query('SELECT $1::int AS n', [n])));
  expect(answers.map(({ rows }) => (rows as { n: number }[])[0]?.n)).toEqual([...Array(32).keys()]);
  const [found] = await server.query<{ n: string }>(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'skillos'",
  );
  expect(Number(found?.n)).toBeLessThanOrEqual(5);
});

test('another value of the secret opens other connections', async () => {
  await server.query("CREATE ROLE other LOGIN PASSWORD 'other password'");
  const own = await open();
  const before = dsn;
  dsn = dsn.replace(/\/\/.*@/, '//other:other%20password@');
  expect(await query('SELECT current_user AS me', [], { on: own })).toMatchObject({
    rows: [{ me: 'other' }],
  });
  dsn = before;
  expect(await query('SELECT current_user AS me', [], { on: own })).toMatchObject({
    rows: [{ me: 'skillos' }],
  });
  await own.close();
});

test('calls that wait for a connection are answered when the secret changes, and it may change back', async () => {
  const own = await open();
  const before = dsn;
  const all = Array.from({ length: 7 }, () => query('SELECT pg_sleep(1)', [], { on: own }));
  await eventually(async () => expect(await sleeping('pg_sleep(1)')).toHaveLength(5));
  dsn = 'mysql://nowhere';
  expect((await errorOf(query('SELECT 1', [], { on: own }))).code).toBe('connector_invalid');
  dsn = `${before}?connect_timeout=9`;
  await query('SELECT 1', [], { on: own });
  expect(await Promise.all(all)).toHaveLength(7);
  dsn = 'mysql://nowhere';
  await errorOf(query('SELECT 1', [], { on: own }));
  dsn = `${before}?connect_timeout=9`;
  expect(await query('SELECT 1 AS one', [], { on: own })).toMatchObject({ rows: [{ one: 1 }] });
  dsn = before;
  await own.close();
});

test.each([
  [(text: string) => text.replace(/:hush[^@]*@/, ':wrong@'), 'connector_unreachable', 'password is refused'],
  [(text: string) => text.replace('/postgres', '/none'), 'connector_unreachable', 'does not exist'],
  [(text: string) => text.replace(/:\d+\//, ':1/'), 'connector_unreachable', 'does not answer'],
  [(text: string) => text.replace('postgres://', 'mysql://'), 'connector_invalid', 'invalid dsn'],
  [() => 'postgres://[broken', 'connector_unreachable', 'the dsn is not valid'],
])('says why there is no connection', async (change, code, reason) => {
  const before = dsn;
  dsn = change(dsn);
  const own = await open();
  const error = await errorOf(query('SELECT 1', [], { on: own }));
  dsn = before;
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(reason)]);
  await own.close();
});

test('a server that goes ends calls, and calls reach it again when it is back', async () => {
  const asked = errorOf(query('SELECT pg_sleep(60)'));
  await eventually(async () => expect(await running()).toHaveLength(1));
  await server.stop('SIGQUIT');
  expect((await asked).code).toBe('connector_unreachable');
  expect((await errorOf(query('SELECT 1'))).code).toBe('connector_unreachable');
  await server.start();
  expect(await query('SELECT 1 AS one')).toMatchObject({ rows: [{ one: 1 }] });
});
