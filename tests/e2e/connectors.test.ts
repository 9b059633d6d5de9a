/** Connectors through the built product: a skill uses HTTP, Postgres and SQLite, and their secrets are nowhere afterwards. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serveBuilt } from '../support/built-server.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { startPostgres } from '../support/postgres.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';

const TOKEN = `canary-token-${randomBytes(16).toString('hex')}`;
const SECRETS = 'secrets/.env';

const SKILLS = {
  'shop/order': {
    manifest: 'side_effects: write\nconnectors: [prices, ledger, notes]\n',
    code: `
export async function run(product, { connectors: { prices, ledger, notes } }) {
  const { status, body } = await prices.request({ path: \`/prices/\${product}\` });
  await ledger.query('INSERT INTO sale VALUES ($1, $2)', [product, body.price]);
  await notes.query('CREATE TABLE IF NOT EXISTS note (text)');
  await notes.query('INSERT INTO note VALUES (?)', [product]);
  const sales = await ledger.query('SELECT product, price FROM sale');
  const { rows } = await notes.query('SELECT text FROM note');
  return { status, echoed: body.echoed, sales: sales.rows, notes: rows, told: [process.env, process.argv] };
}`,
  },
  'shop/peek': {
    manifest: 'side_effects: read\nconnectors: [ledger]\n',
    code: "export const run = (_, { connectors }) => connectors.ledger.query('DELETE FROM sale');",
  },
  'shop/lost': {
    manifest: 'side_effects: read\nconnectors: [away]\nretry: { max_attempts: 1 }\n',
    code: "export const run = (_, { connectors }) => connectors.away.query('SELECT 1');",
  },
};

/** Repeats the token, as careless servers do. */
const http = createServer(({ headers: { authorization } }, response) => {
  const isKnown = authorization === `Bearer ${TOKEN}`;
  response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isKnown ? { price: 12, echoed: authorization } : { error: 'no' }));
});

let deployment: Deployment;
let worker: SkillosProcess;
let canaries: readonly string[];
const outputs: string[] = [];

beforeAll(async () => {
  http.listen(0, '127.0.0.1');
  const [server] = await Promise.all([startPostgres(), once(http, 'listening')]);
  await server.query('CREATE TABLE sale (product text, price int)');
  const root = rootWith(SKILLS);
  const gone = server.dsn.replace(/:\d+\//, ':1/');
  const { port } = http.address() as AddressInfo;
  writeFiles(root, {
    'connectors/prices.yaml': `id: prices\nbase_url: http://127.0.0.1:${port}/v1\nallow_private: true\nauth: { type: bearer, token: "secret:API_TOKEN" }\n`,
    'connectors/ledger.json': '{"id": "ledger", "type": "sql", "driver": "postgres", "dsn": "secret:DSN"}',
    'connectors/away.yaml': 'id: away\ntype: sql\ndriver: postgres\ndsn: secret:DSN\n',
    'connectors/notes.yaml': 'id: notes\ntype: sql\ndatabase_path: data/notes.sqlite\n',
  });
  deployment = await openDeployment(root);
  const given = [server.dsn, gone];
  for (const [index, name] of ['DSN', 'SKILLOS_AWAY_DSN'].entries())
    await skillos(['secrets', 'set', name], { env: deployment.env, stdin: `${given[index]}\n` });
  canaries = [TOKEN, server.password].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').slice(4, -4),
  ]);
  worker = await startWorkerProcess({ ...deployment.env, API_TOKEN: TOKEN, SKILLOS_METRICS_PORT: '0' });
}, PROCESSES_TIMEOUT_MS);

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
  http.close();
  http.closeAllConnections();
});

async function cli(...argv: readonly string[]) {
  const result = await skillos(argv, { env: deployment.env });
  outputs.push(result.stdout, result.stderr);
  return { code: result.code, json: JSON.parse(result.stdout) as Record<string, unknown> };
}

/** The API and its page of a run, and the metrics of the worker. */
async function lookOverHttp(runId: string): Promise<void> {
  const server = await serveBuilt({ ...deployment.env, API_TOKEN: TOKEN });
  const paths = [
    `/runs/${runId}`,
    `/runs/${runId}/trace`,
    `/runs/${runId}/logs`,
    `/ui/runs/${runId}`,
    '/metrics',
  ];
  const [, metrics] = await worker.until('stderr', /metrics: (http:\S+)/);
  for (const url of [...paths.map((path) => `${server.url}${path}`), String(metrics)]) {
    const answer = await fetch(url);
    expect([url, answer.status]).toEqual([url, 200]);
    outputs.push(await answer.text());
  }
  await server.close();
  outputs.push(server.process.stdout(), server.process.stderr());
}

test(
  'a skill uses a service, a database and a file, and no secret is left anywhere',
  async () => {
    const [order, lost] = await Promise.all([
      cli('run-skill', 'shop/order', '--payload', 'tea', '--json'),
      cli('run-skill', 'shop/lost', '--json'),
    ]);
    expect(order).toMatchObject({
      code: 0,
      json: {
        result: {
          status: 200,
          echoed: 'Bearer [REDACTED]',
          sales: [{ product: 'tea', price: 12 }],
          notes: [{ text: 'tea' }],
        },
      },
    });
    const peek = await cli('run-skill', 'shop/peek', '--json');
    expect(peek).toMatchObject({ code: 1, json: { error: { code: 'sql_read_only' } } });
    expect(lost).toMatchObject({ code: 1, json: { error: { code: 'connector_unreachable' } } });
    for (const { json } of [order, peek, lost]) {
      const history = await deployment.temporal.client.workflow
        .getHandle(String(json['run_id']))
        .fetchHistory();
      outputs.push(JSON.stringify(history, (_, value: unknown) => textOf(value)));
    }
    const id = String(order.json['run_id']);
    await Promise.all([
      cli('runs', 'trace', id, '--json'),
      cli('runs', 'logs', id, '--json'),
      cli('connectors', 'list', '--json'),
      cli('connectors', 'test', 'ledger', '--json'),
      cli('connectors', 'test', 'away', '--json'),
    ]);
    await lookOverHttp(id);
    outputs.push(worker.stdout(), worker.stderr());
    expect(outputs.join('\n')).toContain('shop/order'); // what is no secret is found
    for (const secret of canaries) expect(outputs.filter((text) => text.includes(secret))).toEqual([]);
    expect(filesWithSecrets()).toEqual([SECRETS]);
  },
  PROCESSES_TIMEOUT_MS,
);

test('each call is an event of its step', () => {
  const lines = readFileSync(join(deployment.root, 'logs', 'execution.log'), 'utf8')
    .trimEnd()
    .split('\n');
  const calls = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'integration_call');
  expect(calls.map(({ connector_id: id, method, status }) => [id, method, status])).toEqual(
    expect.arrayContaining([
      ['prices', 'GET', 'success'],
      ['ledger', 'insert', 'success'],
      ['ledger', 'select', 'success'],
      ['notes', 'create', 'success'],
      ['notes', 'insert', 'success'],
      ['ledger', 'query', 'error'],
      ['away', 'query', 'error'],
    ]),
  );
});

/** Bytes as the text that they are. */
function textOf(value: unknown): unknown {
  const bytes = value as { readonly type?: unknown; readonly data?: readonly number[] } | null;
  return bytes?.type === 'Buffer' ? Buffer.from(bytes.data ?? []).toString() : value;
}

function filesWithSecrets(): readonly string[] {
  return readdirSync(deployment.root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => canaries.some((secret) => readFileSync(file, 'latin1').includes(secret)))
    .map((file) => file.slice(deployment.root.length + 1));
}
