import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runCli } from '../support/run-cli.ts';
import type { CliOptions } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const CANARY = 'canary-of-a-secret-value';

function aRoot(files: Readonly<Record<string, string>> = {}): string {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/text/send.yaml': aManifest('text/send', 'side_effects: none\n'),
    'implementations/text/send.ts': 'export const run = () => null;',
    ...files,
  });
  return root;
}

/** Runs a command, and fails if it shows the canary. */
async function cli(root: string, argv: readonly string[], more: CliOptions = {}) {
  const result = await runCli([...argv, '--root', root], more);
  expect(result.stdout + result.stderr).not.toContain(CANARY);
  return result;
}

const json = async (root: string, argv: readonly string[], more: CliOptions = {}) =>
  JSON.parse((await cli(root, [...argv, '--json'], more)).stdout) as Record<string, unknown>;

const WEATHER = `id: weather
base_url: https://api.example.com
headers: { X-Team: ${CANARY} }
auth: { type: bearer, token: "secret:API_TOKEN" }
`;

describe('add-connector', () => {
  test.each([
    [['add-connector', 'weather'], 'type: http'],
    [['add-connector', 'ledger', '--type', 'SQL'], 'type: sql'],
    [['add-connector', 'memory', '--type', 'vector'], 'type: vector'],
  ])('%j writes a definition that is valid', async (argv, line) => {
    const root = aRoot();
    const file = `connectors/${argv[1]}.yaml`;
    const added = await cli(root, argv);
    expect([added.code, added.stdout]).toEqual([0, `Created ${file}\n`]);
    expect(readFileSync(join(root, file), 'utf8')).toContain(line);
    const validated = await cli(root, ['validate']);
    expect([validated.code, validated.stdout]).toEqual([0, expect.stringMatching(/validation_ok\n$/)]);
    const audit = await json(root, ['audit', 'list', '--action', 'connector_added']);
    expect(audit['items']).toEqual([
      expect.objectContaining({ after: expect.objectContaining({ file }) as object }),
    ]);
  });

  test.each([
    [['weather'], { 'connectors/weather.yaml': WEATHER }, 'already_exists'],
    [['weather'], { 'connectors/other.json': '{"id":"weather","type":"sql"}' }, 'already_exists'],
    [['weather'], { 'connectors/weather.yml': 'broken: [' }, 'already_exists'],
    [['../weather'], {}, 'usage'],
    [['Weather'], {}, 'usage'],
    [['weather', '--type', 'ftp'], {}, 'usage'],
  ])('refuses %j: writes nothing', async (argv, files: Readonly<Record<string, string>>, code) => {
    const root = aRoot(files);
    const before = existsSync(join(root, 'connectors')) ? readdirSync(join(root, 'connectors')) : [];
    expect(await json(root, ['add-connector', ...argv])).toMatchObject({ code });
    const after = existsSync(join(root, 'connectors')) ? readdirSync(join(root, 'connectors')) : [];
    expect(after).toEqual(before);
  });
});

test('connectors list shows connectors, their secrets by name, and broken files', async () => {
  const root = aRoot({
    'connectors/weather.yaml': WEATHER,
    'connectors/deep/db.json': '{"id": "db", "type": "sql"}',
    'connectors/broken.yaml': 'id: broken\ntype: sql\ndriver: oracle\n',
    'connectors/deep/x.yaml': 'type: sql\n',
  });
  const { code, stdout, stderr } = await cli(root, ['connectors', 'list']);
  expect(stdout).toMatch(/^x\.yaml +invalid +connectors\/deep\/x\.yaml$/m);
  expect([code, stdout.split('\n').slice(0, 3)]).toEqual([
    0,
    [
      'CONNECTOR  TYPE     HOST             SECRETS              FILE',
      'db         sql      sqlite                                connectors/deep/db.json',
      'weather    http     api.example.com  API_TOKEN (missing)  connectors/weather.yaml',
    ],
  ]);
  expect(stderr).toMatch(/^invalid_connector: connectors\/broken\.yaml driver: .*expected/);
  const env = { API_TOKEN: CANARY };
  expect(await json(root, ['connectors', 'list'], { env })).toMatchObject({
    items: [
      { id: 'db' },
      { id: 'weather', secrets: [{ key: 'API_TOKEN', found: 'API_TOKEN' }] },
      { id: 'broken', valid: false },
      { id: '', valid: false },
    ],
  });
  expect((await cli(aRoot(), ['connectors', 'list'])).stdout).toBe('no_connectors\n');
});

describe('connectors show', () => {
  test('shows fields with defaults and names of secrets, and no other value that could be one', async () => {
    const root = aRoot({ 'connectors/weather.yaml': WEATHER });
    const { code, stdout } = await cli(root, ['connectors', 'show', 'weather'], {
      env: { API_TOKEN: CANARY },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^auth +\{ "type": "bearer", "token": "secret:API_TOKEN" \}$/m);
    expect(stdout).toMatch(/^secret API_TOKEN +API_TOKEN$/m);
    expect(stdout).toContain('[REDACTED]');
  });

  test.each([
    ['wether', 'unknown_connector'],
    ['broken', 'connector_invalid'],
  ])('refuses %s: %s', async (id, code) => {
    const root = aRoot({
      'connectors/weather.yaml': WEATHER,
      'connectors/b.yaml': 'id: broken\ntype: ftp\n',
    });
    expect(await json(root, ['connectors', 'show', id])).toMatchObject({ code });
  });
});

describe('connectors test', () => {
  let server: Server;
  let authorization: string | undefined;
  beforeAll(async () => {
    server = createServer((request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(authorization === `Bearer ${CANARY}` ? 204 : 401).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const definition = () =>
    `id: local\nbase_url: http://127.0.0.1:${(server.address() as AddressInfo).port}\nallow_private: true\n` +
    'auth: { type: bearer, token: "secret:API_TOKEN" }\n';

  test('makes one call and says host, status and time', async () => {
    const root = aRoot({ 'connectors/local.yaml': definition() });
    const { code, stdout } = await cli(root, ['connectors', 'test', 'local'], { env: { API_TOKEN: CANARY } });
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^connector_ok: local HEAD 127\.0\.0\.1:\d+ 204 \d+ ms 0 bytes\n$/),
    ]);
    expect(authorization).toBe(`Bearer ${CANARY}`);
  });

  test('fails if the server refuses the secret', async () => {
    const root = aRoot({ 'connectors/local.yaml': definition() });
    const tried = await json(root, ['connectors', 'test', 'local'], { env: { API_TOKEN: 'another' } });
    expect(tried).toMatchObject({ ok: false, status: 401, connector: 'local' });
  });

  test.each([
    ['secret_missing', { definition }, {}],
    [
      'connector_unreachable',
      { definition: () => definition().replace(/:\d+\n/, ':1\n') },
      { API_TOKEN: CANARY },
    ],
    [
      'address_refused',
      { definition: () => definition().replace('allow_private: true\n', '') },
      { API_TOKEN: CANARY },
    ],
  ])('fails with %s', async (code, { definition: text }, env: Readonly<Record<string, string>>) => {
    const root = aRoot({ 'connectors/local.yaml': text() });
    const tried = await json(root, ['connectors', 'test', 'local'], { env });
    expect(tried).toMatchObject({ ok: false, error: { code } });
    expect((await cli(root, ['connectors', 'test', 'local'], { env })).code).toBe(1);
  });

  test('calls a database', async () => {
    const root = aRoot({ 'connectors/db.yaml': 'id: db\ntype: sql\n' });
    const { stdout } = await cli(root, ['connectors', 'test', 'db']);
    expect(stdout).toMatch(/^connector_ok: db select sqlite ok \d+ ms \d+ bytes\n$/);
  });
});

describe('validate', () => {
  test('names what is wrong with connectors, and takes nothing else down', async () => {
    const root = aRoot({
      'metadata/text/send.yaml': aManifest('text/send', 'side_effects: none\nconnectors: [weather, none]\n'),
      'connectors/weather.yaml': WEATHER,
      'connectors/empty-key.yaml': 'id: e\nbase_url: https://h\nauth: { type: bearer, token: "secret:" }\n',
      'connectors/file.yaml': 'id: f\nbase_url: file:///etc/passwd\n',
      'connectors/no-json.json': 'id: n\n',
      'connectors/one.yaml': 'id: twice\ntype: sql\n',
      'connectors/two.yaml': 'id: twice\ntype: sql\n',
    });
    const { code, stdout } = await cli(root, ['validate']);
    expect(code).toBe(1);
    for (const line of [
      'invalid_connector: connectors/empty-key.yaml:3 auth.token: expected a key after secret:',
      'invalid_connector: connectors/file.yaml:2 base_url: expected http://host or https://host',
      'invalid_connector: connectors/no-json.json json_invalid: expected JSON',
      'invalid_connector: connectors/two.yaml:1 id: "twice" is defined in connectors/one.yaml already',
      'warning: connectors/weather.yaml secret_missing: the secret "API_TOKEN" is not set here: expected SKILLOS_WEATHER_API_TOKEN or API_TOKEN',
      'warning: text/send metadata metadata/text/send.yaml:7 connectors: there is no connector "none"',
    ])
      expect(stdout).toContain(line);
  });
});

test('secrets init, list and check know the secrets of connectors', async () => {
  const root = aRoot({ 'connectors/weather.yaml': WEATHER });
  const missing = await cli(root, ['secrets', 'check']);
  expect([missing.code, missing.stdout]).toEqual([1, expect.stringContaining('weather  API_TOKEN  missing')]);
  await cli(root, ['secrets', 'init', '--connector', 'weather'], { stdin: `${CANARY}\n` });
  expect((await cli(root, ['secrets', 'list'])).stdout).toContain('API_TOKEN  weather');
  expect((await cli(root, ['secrets', 'check'])).stdout).toContain('secrets_ok');
  expect(await json(root, ['secrets', 'init', '--connector', 'none'])).toMatchObject({
    code: 'unknown_connector',
  });
});
