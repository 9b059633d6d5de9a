/** The driver of http connectors: operations, headers, and secrets. */
import { openHttp } from '../../../../adapters/connectors/http/http.ts';
import type { CallOptions } from '../../../../adapters/connectors/connector.ts';
import type { HttpSpec } from '../../../../core/connectors/connector.ts';
import { secretKeyOf } from '../../../../core/connectors/secret-reference.ts';
import type { JsonObject } from '../../../../core/json.ts';
import { httpServer } from '../../../support/http-server.ts';
import type { HttpServer } from '../../../support/http-server.ts';

let server: HttpServer;
let secrets: Record<string, string>;

beforeAll(async () => {
  server = await httpServer((_, response) => response.writeHead(201, { 'x-from': 'server' }).end('done'));
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(() => {
  server.requests.length = 0;
  secrets = { TOKEN: 't-0123456789', USER: 'ada', PASSWORD: 'pass:wörd' };
});

async function call(spec: Partial<HttpSpec>, args: JsonObject = {}, operation = 'request') {
  const full: HttpSpec = {
    type: 'http',
    id: 'weather',
    baseUrl: `${server.url}/v1`,
    headers: {},
    timeoutMs: 10_000,
    allowPrivate: true,
    followRedirects: 0,
    ...spec,
  };
  const resolveSecret = async (_owner: string, text: string) => secrets[secretKeyOf(text) ?? ''] ?? text;
  const connector = await openHttp(full, { resolveSecret });
  const options: CallOptions = { signal: new AbortController().signal, isReadOnly: true };
  return connector.call(operation, args, options).finally(() => connector.close());
}

test('answers with what the server said, and with facts for the report', async () => {
  expect(await call({}, { method: 'POST', path: '/today', json: { n: 1 } })).toEqual({
    value: { status: 201, headers: expect.objectContaining({ 'x-from': 'server' }), body: 'done' },
    facts: { method: 'POST', host: `127.0.0.1:${server.port}`, status: 201, bytes: 4 },
  });
  expect(server.requests).toEqual([expect.objectContaining({ url: '/v1/today' })]);
});

test.each([
  [{ type: 'bearer', token: 'secret:TOKEN' }, 'authorization', 'Bearer t-0123456789'],
  [
    { type: 'basic', username: 'secret:USER', password: 'secret:PASSWORD' },
    'authorization',
    `Basic ${Buffer.from('ada:pass:wörd').toString('base64')}`,
  ],
  [{ type: 'header', header: 'X-Key', value: 'secret:TOKEN' }, 'x-key', 't-0123456789'],
] as const)('sends auth %j', async (auth, name, value) => {
  await call({ auth });
  expect(server.requests[0]?.headers[name]).toBe(value);
});

test('headers of the call replace those of the definition, in any case', async () => {
  await call(
    { headers: { Accept: 'text/plain', 'X-Key': 'secret:TOKEN' } },
    { headers: { accept: 'application/json' } },
  );
  expect(server.requests[0]?.headers).toMatchObject({ accept: 'application/json', 'x-key': 't-0123456789' });
});

test('auth replaces a header of the definition', async () => {
  await call({ headers: { Authorization: 'mine' }, auth: { type: 'bearer', token: 'secret:TOKEN' } });
  expect(server.requests[0]?.headers.authorization).toBe('Bearer t-0123456789');
});

test('a secret is resolved for each call', async () => {
  const auth = { type: 'bearer', token: 'secret:TOKEN' } as const;
  await call({ auth });
  secrets['TOKEN'] = 'rotated-0123';
  await call({ auth });
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer t-0123456789',
    'Bearer rotated-0123',
  ]);
});

const bearer = { auth: { type: 'bearer', token: 'secret:TOKEN' } } as const;

test.each<[string, Partial<HttpSpec>, JsonObject, string]>([
  [
    'to replace auth',
    bearer,
    { headers: { AUTHORIZATION: 'x' } },
    'Invalid header "authorization" to connector',
  ],
  [
    'to replace auth in a header of its own',
    { auth: { type: 'header', header: 'X-Key', value: 'secret:TOKEN' } },
    { headers: { 'x-KEY': 'x' } },
    'Invalid header "x-key" to connector',
  ],
  ['to add a header', {}, { headers: { 'x-a': '1\r\nx-b: 2' } }, 'Invalid "headers.x-a" of the request'],
  ['to add a host', {}, { headers: { Host: 'evil.example' } }, 'Invalid "headers.Host" of the request'],
])('refuses a call that tries %s', async (_name, spec, args, message) => {
  await expect(call(spec, args)).rejects.toMatchObject({
    code: 'connector_invalid',
    message: expect.stringContaining(message),
  });
  expect(server.requests).toEqual([]);
});

test.each(['//evil.example/x', '/..%2fadmin', 'http://evil.example'])('refuses the path %s', async (path) => {
  await expect(call({}, { path })).rejects.toMatchObject({ code: 'path_refused' });
  expect(server.requests).toEqual([]);
});

test('refuses a secret that would add a header, without saying what it is', async () => {
  secrets['TOKEN'] = 'hunter2\r\nx-evil: 1';
  await expect(call(bearer)).rejects.toMatchObject({
    code: 'connector_invalid',
    message:
      'Invalid header "authorization" of connector "weather": expected a secret without control characters',
  });
  expect(server.requests).toEqual([]);
});

test('has one operation', async () => {
  await expect(call({}, {}, 'query')).rejects.toMatchObject({
    code: 'connector_invalid',
    message: 'Connector "weather" has no operation "query": expected "request"',
  });
});
