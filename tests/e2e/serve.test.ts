/** `skillos serve` as a process: where it listens, what it waits for, and how it ends. */
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { until } from '../support/eventually.ts';
import { skillos, startSkillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { writeFiles } from '../support/write-files.ts';

const UNTIL_TOLD = `
export const run = (_: string, ctx: { signal: AbortSignal }) =>
  new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));`;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(
    rootWith({
      'test/echo': {
        code: 'export const run = (payload: unknown) => payload;',
        manifest: 'examples: [repeat it]\n',
      },
      'test/slow': { code: UNTIL_TOLD },
    }),
  );
  await deployment.startWorker();
});

afterAll(() => deployment.close());

async function serving(
  env: Readonly<Record<string, string>> = {},
): Promise<{ server: SkillosProcess; url: string }> {
  const server = startSkillos(['serve', '--port', '0', '--json'], {
    env: { ...deployment.env, ...env },
    timeoutMs: 60_000,
  });
  const [line] = await server.until('stdout', /\{.*\}\n/);
  return { server, url: (JSON.parse(line) as { url: string }).url };
}

function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  });
}

describe('in production', () => {
  test('holders of tokens run what the policies let them, and the worker believes the server alone', async () => {
    const production = {
      SKILLOS_ENV: 'production',
      SKILLOS_JWT_SECRET: SECRET,
      SKILLOS_SERVER_KEY: 'a key of tests between server and worker',
      SKILLOS_TASK_QUEUE: `${deployment.taskQueue}-production`,
    };
    writeFiles(deployment.root, {
      'policies/permission_policies.json': JSON.stringify({
        roles: { speaker: ['test:say'] },
        policies: [{ skill_id: 'test/*', required_permissions: ['test:say'] }],
      }),
    });
    const worker = await startWorkerProcess({ ...deployment.env, ...production });
    const { server, url } = await serving(production);
    const run = async (claims?: object) => {
      const headers = {
        'content-type': 'application/json',
        ...(claims === undefined ? {} : { authorization: `Bearer ${await signToken(claims)}` }),
      };
      const reply = await fetch(`${url}/skills/test.echo/run`, {
        method: 'POST',
        headers,
        body: '{"payload":"hi"}',
      });
      const { status, reason, code, result } = (await reply.json()) as Record<string, unknown>;
      return [reply.status, reason ?? code ?? status, result];
    };
    try {
      expect(await run()).toEqual([401, 'token_missing', undefined]);
      expect(await run({ sub: 'ann', roles: ['speaker'] })).toEqual([200, 'success', 'hi']);
      expect(await run({ sub: 'bob' })).toEqual([403, 'permission_denied', undefined]);
    } finally {
      rmSync(join(deployment.root, 'policies'), { recursive: true });
      for (const child of [server, worker]) child.signal('SIGTERM');
      await Promise.all([server.ended, worker.ended]);
    }
  });
});

describe('skillos serve', () => {
  test('routes while Temporal is away, and says so where a run is to be started', async () => {
    const { server, url } = await serving({ TEMPORAL_ADDRESS: await deadAddress() });
    expect(await (await post(`${url}/run`, { query: 'repeat it' })).json()).toMatchObject({
      status: 'routed',
      skill: 'test/echo',
    });
    const refused = await post(`${url}/run`, { query: 'repeat it', execute: true });
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'engine_unreachable' }]);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { components: { temporal: 'unhealthy', storage: 'healthy' } },
    ]);
    server.signal('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  test('on SIGTERM answers what has begun, lets followers go, and ends', async () => {
    const { server, url } = await serving();
    const waiting = post(`${url}/skills/test.slow/run`, { wait_seconds: 60 });
    let runId = '';
    await until(async () => {
      const page = (await (await fetch(`${url}/runs?status=running`)).json()) as {
        items: { run_id: string }[];
      };
      runId = page.items[0]?.run_id ?? '';
      return runId !== '';
    });
    const followed = await fetch(`${url}/runs/${runId}/events`);
    server.signal('SIGTERM');
    const [answer, events, ended] = await Promise.all([waiting, followed.text(), server.ended]);
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/runs/${runId}`]);
    expect(events).toContain('retry: 1000');
    expect(events).not.toContain('run_ended');
    expect([ended.code, ended.tookMs < 20_000]).toEqual([0, true]);
    await skillos(['runs', 'cancel', runId], { env: deployment.env });
  });

  test.each([
    [['--host', '0.0.0.0'], {}, 78, 'SKILLOS_JWT_SECRET'],
    [[], { SKILLOS_JWT_SECRET: SECRET, SKILLOS_JWT_PUBLIC_KEY: 'a.pem' }, 78, 'SKILLOS_JWT_SECRET and'],
    [
      [],
      {
        SKILLOS_ENV: 'production',
        SKILLOS_SERVER_KEY: 'k'.repeat(32),
        SKILLOS_JWT_SECRET: SECRET,
        SKILLOS_JWT_REQUIRE_EXP: '0',
      },
      78,
      'SKILLOS_JWT_REQUIRE_EXP',
    ],
    [[], { SKILLOS_ENV: 'production', SKILLOS_JWT_SECRET: SECRET }, 78, 'SKILLOS_SERVER_KEY'],
    [[], { SKILLOS_ENV: 'production', SKILLOS_SERVER_KEY: 'k'.repeat(32) }, 78, 'SKILLOS_JWT_SECRET'],
    [['--port', '70000'], {}, 2, '--port'],
    [['--host', '203.0.113.9'], { SKILLOS_JWT_SECRET: SECRET }, 2, '203.0.113.9'],
    [['--host', '[203.0.113.9]'], { SKILLOS_JWT_SECRET: SECRET }, 2, '"203.0.113.9:0"'],
    [['--root', '/nowhere'], {}, 2, '/nowhere'],
  ])('with %j and %j ends %i and names %s', async (options, env, code, named) => {
    const ended = await skillos(['serve', '--port', '0', ...options], { env: { ...deployment.env, ...env } });
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(named)]);
  });

  test('says that its port is taken', async () => {
    const { server, url } = await serving();
    const second = await skillos(['serve', '--port', new URL(url).port], { env: deployment.env });
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringContaining('Another process already listens'),
    ]);
    server.signal('SIGINT');
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  test('cuts off who never finishes a request', async () => {
    const { server, url } = await serving();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    await closed;
    expect(received).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    server.signal('SIGTERM');
    await server.ended;
  });
});
