/** The built program with a real Redis, without one, and with one that says nothing. */
import { deadAddress } from '../support/dead-address.ts';
import { rootWith } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis.ts';
import type { TestRedis } from '../support/redis.ts';
import { skillos, startSkillos } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = rootWith({
  'test/echo': {
    code: 'export const run = (payload: string) => payload;',
    manifest: 'examples: [repeat my words]\n',
  },
});
const home = tempFolder();
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, SKILLOS_ROOT: root, ...more };
}

const cached = (url: string) => environment({ SKILLOS_CACHE_ENABLED: '1', SKILLOS_REDIS_URL: url });

describe('a command with a shared cache', () => {
  const ask = (url: string) => skillos(['run', 'repeat my words'], { env: cached(url) });

  test('caches its answer, and routes again after an edit', async () => {
    const routingKeys = () => redis.use((client) => client.keys('skillos:routing:*'));
    await eventually(async () => {
      expect(await ask(redis.url)).toMatchObject({ code: 0, stdout: 'test/echo\n' });
      expect(await routingKeys()).toHaveLength(1);
    });
    expect(await ask(redis.url)).toMatchObject({ code: 0, stdout: 'test/echo\n' });
    expect(await routingKeys()).toHaveLength(1);
    const edit = ['deprecate-skill', 'test/echo', '--reason', 'no longer'];
    expect(await skillos(edit, { env: environment({}) })).toMatchObject({ code: 0 });
    expect(await ask(redis.url)).toMatchObject({ code: 8, stdout: 'no_skill_found\n' });
    expect(await skillos(['undeprecate-skill', 'test/echo'], { env: environment({}) })).toMatchObject({
      code: 0,
    });
    expect(await ask(redis.url)).toMatchObject({ code: 0, stdout: 'test/echo\n' });
  });

  test('answers without Redis, and while it says nothing, and ends at once', async () => {
    const silent = await startRedis();
    silent.pause();
    for (const url of [`redis://ann:hush@${await deadAddress()}`, silent.url]) {
      const { code, stdout, stderr, tookMs } = await ask(url);
      expect([code, stdout, stderr]).toEqual([
        0,
        'test/echo\n',
        'nothing was executed; add --execute to run it\n',
      ]);
      expect(tookMs).toBeLessThan(10_000);
    }
  });
});

describe('a server with strict limits', () => {
  const strict = (url: string) =>
    environment({ SKILLOS_RATE_LIMIT_STRICT: '1', SKILLOS_RATE_LIMIT_REQUESTS: '2', SKILLOS_REDIS_URL: url });
  const running: SkillosProcess[] = [];

  afterEach(async () => {
    for (const server of running) server.signal('SIGTERM');
    await Promise.all(running.splice(0).map(({ ended }) => ended));
  });

  async function serve(url: string): Promise<string> {
    const server = startSkillos(['serve', '--port', '0'], { env: strict(url), timeoutMs: 60_000 });
    running.push(server);
    const [, address = ''] = await server.until('stdout', /api_listening: (\S+)/);
    return address;
  }

  const statusOf = async (address: string) => (await fetch(`${address}/skills`)).status;

  test('shares them with other servers', async () => {
    const [one, other] = [await serve(redis.url), await serve(redis.url)];
    await eventually(async () => {
      await redis.use((client) => client.flushall());
      const statuses = [
        await statusOf(one),
        await statusOf(other),
        await statusOf(one),
        await statusOf(other),
      ];
      expect(statuses).toEqual([200, 200, 429, 429]);
    });
  });

  test('refuses everybody while Redis is away, and goes on when it is back', async () => {
    const own = await startRedis();
    const address = await serve(own.url);
    await eventually(async () => expect(await statusOf(address)).toBe(200));
    await own.stop();
    expect(await statusOf(address)).toBe(503);
    expect((await fetch(`${address}/health/ready`)).status).toBe(503);
    await own.start();
    await eventually(async () => expect(await statusOf(address)).toBe(200));
  });

  test('does not start without a URL', async () => {
    const env = strict(''); // which counts as unset
    const { code, stderr } = await skillos(['serve', '--port', '0'], { env });
    expect(code).toBe(78);
    expect(stderr).toContain('Invalid SKILLOS_REDIS_URL: expected a redis:// or rediss:// URL');
  });
});
