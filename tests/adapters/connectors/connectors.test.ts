/** Calls of skills from the definition to a real server. */
import { openCallGuard } from '../../../adapters/connectors/call-guard.ts';
import { openConnectors } from '../../../adapters/connectors/connectors.ts';
import type { CallReport, ConnectorHost } from '../../../core/connectors/connector.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { eventually } from '../../support/eventually.ts';
import { httpServer } from '../../support/http-server.ts';
import type { HttpServer } from '../../support/http-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

let server: HttpServer;
let root: string;
let connectors: ConnectorHost;
let status = 200;
const reports: CallReport[] = [];

beforeAll(async () => {
  server = await httpServer(({ url }, response) => {
    if (url !== '/v1/never') response.writeHead(status).end('hello');
  });
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(() => {
  status = 200;
  reports.length = 0;
  server.requests.length = 0;
  root = tempFolder();
  const config = parseConfig({ SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '2' });
  connectors = openConnectors({
    root,
    resolveSecret: async (owner, text) => {
      if (!text.startsWith('secret:')) return text;
      throw new SkillosError('secret_missing', `Connector "${owner}" needs a secret, which is not set`);
    },
    guard: openCallGuard(config, () => 0),
  });
});

afterEach(() => connectors.close());

function define(id: string, more = '', file = id): void {
  const text = `id: ${id}\nbase_url: ${server.url}/v1\nallow_private: true\n${more}`;
  writeFiles(root, { [`connectors/${file}.yaml`]: text });
}

function call(
  connector: string,
  args: JsonObject = {},
  {
    declared = [connector],
    signal = new AbortController().signal,
    hosts = undefined as readonly string[] | undefined,
    operation = 'request',
  } = {},
) {
  const caller = {
    declared,
    hosts,
    isReadOnly: true,
    signal,
    onReport: (report: CallReport) => void reports.push(report),
  };
  return connectors.call({ connector, operation, args }, caller);
}

const host = () => `127.0.0.1:${server.port}`;

test('calls a connector and reports the call', async () => {
  define('weather');
  expect(await call('weather', { path: '/today' })).toMatchObject({ status: 200, body: 'hello' });
  expect(reports).toEqual([
    { connector: 'weather', method: 'GET', host: host(), status: 200, bytes: 5, ms: expect.any(Number) },
  ]);
});

test('sends nothing to a host that the package may not reach', async () => {
  define('weather');
  const refused = call('weather', {}, { hosts: ['api.example.com'] });
  await expect(refused).rejects.toMatchObject({ code: 'connector_not_declared' });
  expect(server.requests).toEqual([]);
  expect(await call('weather', {}, { hosts: [host()] })).toMatchObject({ status: 200 });
});

test('reports a failed call', async () => {
  define('weather');
  await expect(call('weather', { path: '/../admin' })).rejects.toMatchObject({ code: 'path_refused' });
  expect(reports).toEqual([
    {
      connector: 'weather',
      method: 'request',
      host: host(),
      code: 'path_refused',
      bytes: 0,
      ms: expect.any(Number),
    },
  ]);
});

test('reports a call that the skill has given up, since the server may have acted', async () => {
  define('weather');
  const abort = new AbortController();
  const given = call('weather', { method: 'POST', path: '/never' }, { signal: abort.signal });
  await eventually(() => expect(server.requests).toHaveLength(1));
  abort.abort(new Error('over'));
  await expect(given).rejects.toThrow('over');
  expect(reports).toMatchObject([{ connector: 'weather', method: 'request', code: 'connector_timeout' }]);
});

test('reports no operation that does not exist, because a skill may put anything there', async () => {
  define('weather');
  await expect(call('weather', {}, { operation: 'a payload' })).rejects.toMatchObject({});
  expect(reports).toMatchObject([{ connector: 'weather', method: 'unknown' }]);
});

test('a missing secret breaks its connector alone', async () => {
  define('weather');
  define('private', 'auth: { type: bearer, token: "secret:TOKEN" }\n');
  await expect(call('private')).rejects.toMatchObject({ code: 'secret_missing' });
  expect(await call('weather')).toMatchObject({ status: 200 });
});

test('a connector that the skill does not declare is not called, nor reported', async () => {
  define('weather');
  await expect(call('weather', {}, { declared: ['other'] })).rejects.toMatchObject({
    code: 'connector_not_declared',
  });
  expect([server.requests, reports]).toEqual([[], []]);
});

test.each<[string, () => void, string]>([
  ['is missing', () => undefined, 'Connector "weather" has no definition'],
  [
    'is invalid',
    () => define('weather', 'timeout_seconds: -1\n'),
    'Connector "weather" in connectors/weather.yaml is invalid: timeout_seconds ',
  ],
  [
    'exists twice',
    () => {
      define('weather');
      define('weather', '', 'again');
    },
    'Connector "weather" in connectors/again.yaml is invalid: another file has the same id',
  ],
])('a connector whose definition %s is invalid', async (_name, prepare, message) => {
  prepare();
  await expect(call('weather')).rejects.toMatchObject({
    code: 'connector_invalid',
    message: expect.stringContaining(message),
  });
  expect(server.requests).toEqual([]);
});

test('an edited definition counts for the next call', async () => {
  define('weather');
  await call('weather');
  writeFiles(root, {
    'connectors/weather.yaml': `id: weather\nbase_url: ${server.url}/version-2\nallow_private: true\n`,
  });
  await call('weather');
  expect(server.requests.map(({ url }) => url)).toEqual(['/v1', '/version-2']);
});

test('a server that fails repeatedly is not called for a while', async () => {
  define('weather');
  status = 500;
  await call('weather');
  await call('weather');
  await expect(call('weather')).rejects.toMatchObject({ code: 'circuit_open' });
  expect(server.requests).toHaveLength(2);
  expect(reports.map((report) => report.code ?? report.status)).toEqual([500, 500, 'circuit_open']);
});

test('an address that the definition does not allow is refused', async () => {
  define('weather');
  writeFiles(root, { 'connectors/weather.yaml': `id: weather\nbase_url: ${server.url}\n` });
  await expect(call('weather')).rejects.toMatchObject({ code: 'address_refused' });
  expect(server.requests).toEqual([]);
});
