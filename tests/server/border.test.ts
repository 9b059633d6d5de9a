/** What the API does not take: every endpoint by every way of refusing, and what hostile clients send. */
import { connect } from 'node:net';
import { ENDPOINTS } from '../../server/routes/index.ts';
import type { Endpoint } from '../../server/http/endpoint.ts';
import { openApi } from '../support/api.ts';
import type { ApiReply, ApiRequest, TestApi } from '../support/api.ts';
import { rootWith } from '../support/deployment.ts';
import { SECRET, rawToken, signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

const ECHO = { 'test/echo': { code: 'export const run = (payload: unknown) => payload;' } };
const UNKNOWN_RUN = 'test.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const CLOSED = ENDPOINTS.filter(({ access }) => access === 'caller').map(nameOf);
const WITH_BODY = ENDPOINTS.filter(({ body }) => body !== undefined).map(nameOf);

function nameOf({ method, path }: Endpoint): [string, string] {
  return [method, path];
}

/** The path with what leads to something, or to nothing. */
function filled(path: string, what: { readonly skill?: string; readonly run?: string } = {}): string {
  const { skill = 'test.echo', run = UNKNOWN_RUN } = what;
  return path.replace(':skill', skill).replace(':run', run).replace(':schedule', 'nothing');
}

/** Fits the schema of any endpoint. */
const BODIES: Readonly<Record<string, object>> = {
  '/run': { query: 'repeat my words' },
  '/pipelines/run': { steps: ['test/echo'] },
  '/skills/:skill/deprecate': { reason: 'old' },
  '/feedback': { skill_id: 'test/echo' },
  '/runs/:run/step': { command: 'next' },
  '/schedules': { skill: 'test/echo', every: '1h', id: 'border', enabled: false },
  '/schedules/preview': { every: '1h' },
  '/schedules/:schedule/backfill': { from: '2027-01-01', to: '2027-01-01' },
};

function bodyOf(path: string): object {
  return BODIES[path] ?? {};
}

let local: TestApi;
let closed: TestApi;
let token: string;

beforeAll(async () => {
  local = await openApi(rootWith(ECHO));
  closed = await openApi(rootWith(ECHO), { settings: { SKILLOS_JWT_SECRET: SECRET } });
  token = await signToken();
});

afterAll(async () => {
  expect([...local.faults, ...closed.faults]).toEqual([]);
  await Promise.all([local.close(), closed.close()]);
});

function sent(api: TestApi, method: string, path: string, more: ApiRequest = {}): Promise<ApiReply> {
  const json = method === 'POST' ? { json: bodyOf(path) } : {};
  return api.send(method, filled(path), { ...json, ...more });
}

function expectProblem(reply: ApiReply, status: number, code?: string): void {
  expect([reply.status, reply.headers['content-type']]).toEqual([status, 'application/problem+json']);
  expect(reply.body).toEqual(
    expect.objectContaining({
      type: `urn:skillos:error:${code ?? (reply.body['code'] as string)}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      request_id: reply.headers['x-request-id'],
    }),
  );
  expect(reply.text).not.toMatch(/\/tmp\/|node_modules|at .*\.ts:\d/);
}

describe('every endpoint', () => {
  test.each(CLOSED)('%s %s answers 401 without a token', async (method, path) => {
    const reply = await sent(closed, method, path);
    expectProblem(reply, 401, 'token_missing');
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="skillos"');
  });

  test.each(CLOSED)('%s %s answers 401 to a token that nobody signed', async (method, path) => {
    const forged = rawToken({ alg: 'none' }, { sub: 'ann', exp: 9_999_999_999 });
    const reply = await sent(closed, method, path, { headers: { authorization: `Bearer ${forged}` } });
    expectProblem(reply, 401, 'token_invalid');
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="skillos", error="invalid_token"');
  });

  test.each(ENDPOINTS.map(nameOf))('%s %s answers 405 to another method', async (method, path) => {
    const reply = await local.send('PUT', filled(path));
    expectProblem(reply, 405, 'method_not_allowed');
    expect(reply.headers.allow).toContain(method);
  });

  test.each(CLOSED)('%s %s answers 403 to a page of another site', async (method, path) => {
    const reply = await sent(local, method, path, { headers: { origin: 'https://evil.example' } });
    expectProblem(reply, 403, 'origin_refused');
  });

  test.each(CLOSED)('%s %s answers 400 to a query that nobody knows', async (method, path) => {
    const json = method === 'POST' ? { json: bodyOf(path) } : {};
    expectProblem(await local.send(method, `${filled(path)}?nonsense=1`, json), 400, 'query_invalid');
  });

  test.each(WITH_BODY)('%s %s answers 400 to what is no JSON', async (method, path) => {
    const headers = { 'content-type': 'application/json' };
    for (const raw of [
      '{',
      '{"a":1,"a":2}',
      '['.repeat(50_000),
      Buffer.from([0x22, 0xff, 0x22]),
      '\ufeff{}',
    ]) {
      expectProblem(await local.send(method, filled(path), { raw, headers }), 400, 'body_invalid');
    }
  });

  test.each(WITH_BODY)('%s %s answers 413 to a body that is too large', async (method, path) => {
    const json = { query: 'x'.repeat(1_100_000) };
    expectProblem(await local.send(method, filled(path), { json }), 413, 'body_too_large');
  });

  test.each(WITH_BODY)('%s %s answers 415 to another type', async (method, path) => {
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', ''];
    for (const type of types) {
      const headers = { 'content-type': type };
      expectProblem(
        await local.send(method, filled(path), { raw: '{}', headers }),
        415,
        'media_type_unsupported',
      );
    }
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expectProblem(
      await local.send(method, filled(path), { raw: '{}', headers }),
      415,
      'media_type_unsupported',
    );
  });

  test.each(WITH_BODY)('%s %s answers 422 to an unknown field', async (method, path) => {
    const reply = await local.send(method, filled(path), { json: { ...bodyOf(path), nonsense: 1 } });
    expectProblem(reply, 422, 'request_invalid');
    expect(reply.body['details']).toEqual({ field: 'nonsense' });
  });

  test.each(CLOSED.filter(([, path]) => path.includes(':run')))(
    '%s %s answers 404 or 503 for a run that nobody knows',
    async (method, path) => {
      const reply = await sent(local, method, path);
      expectProblem(reply, /\/(events|why)$/.test(path) ? 503 : 404);
    },
  );

  test.each(CLOSED.filter(([, path]) => path.includes(':skill')))(
    '%s %s answers 400 to what is no skill id',
    async (method, path) => {
      const json = method === 'POST' ? { json: bodyOf(path) } : {};
      for (const skill of ['echo', '..%2f..%2fetc', 'a%00.b', 'A.B', `${'a'.repeat(64)}.b`, '%zz', '%ff.b']) {
        expectProblem(await local.send(method, filled(path, { skill }), json), 400, 'invalid_skill_id');
      }
    },
  );

  test.each([
    ['POST', '/run', { query: 'x', skill: 'test/echo', execute: true }],
    ['POST', '/skills/test.echo/run', {}],
    ['POST', '/pipelines/run', { steps: ['test/echo'] }],
  ])('%s %s answers 503 where Temporal is away', async (method, path, json) => {
    const reply = await local.send(method, path, { json });
    expectProblem(reply, 503, 'engine_unreachable');
    expect(reply.headers['retry-after']).toBe('1');
  });
});

describe('limits', () => {
  test.each(CLOSED)('%s %s answers 429 where the caller asked too often', async (method, path) => {
    const settings = { SKILLOS_RATE_LIMIT_ENABLED: '1', SKILLOS_RATE_LIMIT_REQUESTS: '1' };
    const api = await openApi(rootWith(ECHO), { settings });
    try {
      await api.get('/budget');
      const reply = await sent(api, method, path);
      expectProblem(reply, 429, 'rate_limited');
      expect(reply.headers['ratelimit-policy']).toBe('"default";q=1;w=60');
      expect(reply.headers['ratelimit']).toMatch(/^"default";r=0;t=\d+$/);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(50);
    } finally {
      await api.close();
    }
  });

  test('count each holder of a token, and refused tokens by address', async () => {
    const settings = {
      SKILLOS_JWT_SECRET: SECRET,
      SKILLOS_RATE_LIMIT_ENABLED: '1',
      SKILLOS_RATE_LIMIT_REQUESTS: '2',
    };
    const api = await openApi(rootWith(ECHO), { settings });
    const ask = async (bearer?: string) =>
      (await api.get('/skills', bearer === undefined ? {} : { authorization: `Bearer ${bearer}` })).status;
    try {
      const bob = await signToken({ sub: 'bob' });
      const asked = [];
      for (const who of [token, token, token, bob, 'x.y.z', undefined, 'x.y.z', bob, bob])
        asked.push(await ask(who));
      expect(asked).toEqual([200, 200, 429, 200, 401, 401, 429, 200, 429]);
      expect((await api.get('/health')).status).toBe(200);
    } finally {
      await api.close();
    }
  });

  test('that must be strict refuse everybody while Redis is away, and soon', async () => {
    const settings = {
      SKILLOS_RATE_LIMIT_STRICT: '1',
      SKILLOS_REDIS_URL: 'redis://127.0.0.1:1',
    };
    const api = await openApi(rootWith(ECHO), { settings });
    try {
      const took: number[] = [];
      for (let asked = 0; asked < 5; asked++) {
        const began = performance.now();
        expectProblem(await api.get('/skills'), 503, 'rate_limit_unavailable');
        took.push(performance.now() - began);
      }
      expect(Math.min(...took)).toBeLessThan(100);
      expect((await api.get('/health')).body).toMatchObject({
        status: 'unhealthy',
        components: { redis: { status: 'unhealthy', details: 'unreachable' } },
      });
    } finally {
      await api.close();
    }
  });
});

describe('who may', () => {
  test.each([
    ['0.0.0.0', {}],
    ['::', {}],
    ['127.0.0.1', { SKILLOS_ENV: 'production', SKILLOS_SERVER_KEY: 'k'.repeat(32) }],
  ])('without a key for tokens nothing listens at %s', async (host, settings) => {
    const opened = openApi(rootWith(ECHO), { host, settings });
    await expect(opened).rejects.toMatchObject({ code: 'config_invalid' });
  });

  test('a role in a body never raises what the token holds', async () => {
    const authorization = `Bearer ${await signToken({ sub: 'ann', roles: ['viewer'] })}`;
    const raised = await closed.post('/run', { query: 'x', role: 'admin' }, { authorization });
    expectProblem(raised, 403, 'role_not_held');
    const narrowed = await closed.post('/run', { query: 'x', role: 'viewer' }, { authorization });
    expect(narrowed.status).toBe(200);
  });

  test('what a policy does not allow is 403, and leaves the file as it was', async () => {
    const root = rootWith(ECHO);
    writeFiles(root, { 'policies/permission_policies.json': '{"roles":{},"policies":[]}' });
    const api = await openApi(root);
    try {
      expectProblem(await api.post('/skills/test.echo/deprecate', { reason: 'x' }), 403, 'permission_denied');
      expect((await api.get('/skills/test.echo')).body['deprecated']).toBe(false);
    } finally {
      await api.close();
    }
  });

  test('a name that was made to lead here is refused', async () => {
    expectProblem(await local.get('/skills', { host: 'evil.example' }), 403, 'origin_refused');
    expect((await local.get('/skills', { host: 'localhost:1' })).status).toBe(200);
  });

  test('pages of allowed sites may ask, and no others', async () => {
    const settings = { SKILLOS_API_CORS_ORIGINS: 'https://app.example' };
    const api = await openApi(rootWith(ECHO), { settings });
    try {
      const origin = 'https://app.example';
      const asked = { origin, 'access-control-request-method': 'POST' };
      const preflight = await api.send('OPTIONS', '/run', { headers: asked });
      expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, origin]);
      const reply = await api.get('/skills', { origin });
      expect([reply.status, reply.headers['access-control-allow-origin'], reply.headers.vary]).toEqual([
        200,
        origin,
        'Origin',
      ]);
      const other = await api.get('/skills', { origin: 'https://evil.example' });
      expectProblem(other, 403, 'origin_refused');
      expect(other.headers).not.toHaveProperty('access-control-allow-origin');
    } finally {
      await api.close();
    }
  });
});

describe('answers', () => {
  test('say nothing to pages, frames and caches', async () => {
    for (const path of ['/health', '/skills', '/nothing']) {
      expect((await local.get(path)).headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  test.each([
    ['0123-abc.DEF_x', true],
    ['short', false],
    ['with space', false],
    ['x'.repeat(65), false],
  ])('bear the request id %j of the caller: %s', async (id, kept) => {
    const { headers } = await local.get('/health/live', { 'x-request-id': id });
    expect(headers['x-request-id'] === id).toBe(kept);
  });

  test('are the same to HEAD, without a body', async () => {
    const reply = await local.send('HEAD', '/health/live');
    expect([reply.status, reply.text]).toEqual([200, '']);
  });

  test('to OPTIONS name the methods', async () => {
    const reply = await local.send('OPTIONS', '/run');
    expect([reply.status, reply.headers.allow]).toEqual([204, 'POST']);
  });

  test('to an address that is too long are 414', async () => {
    expectProblem(await local.get(`/skills?tag=${'a'.repeat(9000)}`), 414, 'uri_too_long');
  });
});

/** Everything that comes back for what is written to the socket. */
function exchange(text: string): Promise<string> {
  const { hostname, port } = new URL(local.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => resolve(received));
    socket.on('close', () => resolve(received));
    socket.write(text);
  });
}

describe('what is no request', () => {
  test.each([
    ['noise', 'HELO there\r\n\r\n', 400, 'bad_request'],
    [
      'two lengths',
      'POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'a length beside chunks',
      'POST /run HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'a header with a line feed',
      'GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\nb\r\n\r\n',
      400,
      'bad_request',
    ],
    ['HTTP/0.9', 'GET /health/live\r\n\r\n', 400, 'bad_request'],
    [
      'two hosts',
      'GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: 127.0.0.1\r\n\r\n',
      400,
      'bad_request',
    ],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400, undefined],
    [
      'large headers',
      `GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('%s is refused, and the connection closed', async (_name, text, status, code) => {
    const received = await exchange(text);
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (code !== undefined) expect(received).toContain(`"code":"${code}"`);
  });

  test('a header of ours never splits', async () => {
    const received = await exchange(
      'GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: abcdefgh%0d%0aSet-Cookie: a=b\r\nConnection: close\r\n\r\n',
    );
    expect(received).toMatch(/^HTTP\/1.1 200 /);
    expect(received).not.toContain('Set-Cookie');
  });
});
