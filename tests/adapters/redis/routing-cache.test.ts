import { openRedis } from '../../../adapters/redis/redis.ts';
import type { Redis } from '../../../adapters/redis/redis.ts';
import { openRoutingCache } from '../../../adapters/redis/routing-cache.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import type { Environment } from '../../../core/settings/config.ts';
import type { RoutingCache } from '../../../core/routing/routing-cache.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { deadAddress } from '../../support/dead-address.ts';
import { eventually } from '../../support/eventually.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';

const ROUTED: Routing = {
  status: 'routed',
  skill: parseSkillId('x/a'),
  confidence: 0.75,
  alternatives: [{ skill: parseSkillId('x/b'), confidence: 0.25 }],
  reasons: ['matches "a"'],
  replaces: parseSkillId('x/old'),
};
const NONE: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: ['none'] };
const KEY = 'a'.repeat(64);
const SERVER_KEY = { SKILLOS_SERVER_KEY: 'k'.repeat(32) };

const believe = async () => true;

let server: TestRedis;
let faults = 0;
const opened: Redis[] = [];

beforeAll(async () => {
  server = await startRedis();
});

beforeEach(begin);

async function begin(): Promise<void> {
  faults = 0;
  await server.use((client) => client.flushall());
}

/** On a busy machine an answer of Redis may come too late: then once more from the beginning. */
function soon(check: () => Promise<void>): () => Promise<void> {
  return () =>
    eventually(async () => {
      await begin();
      await check();
    });
}

afterEach(() => {
  for (const redis of opened.splice(0)) redis.close();
});

async function connect(url = server.url): Promise<Redis> {
  const redis = await openRedis(url, 'test');
  opened.push(redis);
  if (url === server.url) await eventually(() => redis.probe());
  return redis;
}

function cacheOf(redis?: Redis, env: Environment = {}): RoutingCache {
  return openRoutingCache({ config: parseConfig(env), redis, onFault: () => faults++ });
}

/** What another process would read. */
async function readByAnother(env: Environment = {}): Promise<Routing | undefined> {
  return cacheOf(await connect(), env).get(KEY, believe);
}

describe.each([
  ['in this process', {}, false],
  ['in Redis', {}, true],
  ['in Redis, sealed', SERVER_KEY, true],
])('a cache %s', (_where, env, isShared) => {
  test.each([ROUTED, NONE])('gives back what was put: %#', (routing) =>
    soon(async () => {
      const cache = cacheOf(isShared ? await connect() : undefined, env);
      expect(await cache.get(KEY, believe)).toBeUndefined();
      await cache.put(KEY, routing);
      expect(await cache.get(KEY, believe)).toEqual(routing);
      expect(await cache.get('b'.repeat(64), believe)).toBeUndefined();
      if (isShared) expect(await readByAnother(env)).toEqual(routing);
      expect(faults).toBe(0);
    })(),
  );
});

describe('a shared cache', () => {
  test(
    'keeps its entries under the prefix, for their time',
    soon(async () => {
      const env = { SKILLOS_CACHE_PREFIX: 'team', SKILLOS_CACHE_TTL_SECONDS: '7' };
      await cacheOf(await connect(), env).put(KEY, ROUTED);
      await server.use(async (client) => {
        expect(await client.keys('team:*')).toEqual([`team:routing:${KEY}`]);
        const ttlMs = await client.pttl(`team:routing:${KEY}`);
        expect(ttlMs).toBeGreaterThan(6_000);
        expect(ttlMs).toBeLessThanOrEqual(7_000);
      });
    }),
  );

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['JSON cut off', JSON.stringify(ROUTED).slice(0, -1)],
    ['another shape', '{"status":"routed"}'],
    ['no skill id', JSON.stringify({ ...ROUTED, skill: '../../etc/passwd' })],
    ['too much confidence', JSON.stringify({ ...ROUTED, confidence: 1e9 })],
    ['unknown fields', JSON.stringify({ ...ROUTED, is_allowed: true })],
    ['a prototype', '{"__proto__":{"status":"routed"}}'],
    ['too much', JSON.stringify({ ...ROUTED, reasons: ['x'.repeat(20_000)] })],
    ['depth', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['bytes', '\uFFFD\0\u0001{'],
  ])('takes %s for a miss', async (_what, text) => {
    await server.use((client) => client.set(`skillos:routing:${KEY}`, text));
    expect(await readByAnother()).toBeUndefined();
    expect(faults).toBe(1);
  });

  test(
    'is asked about what another process wrote, once, and not about its own',
    soon(async () => {
      await cacheOf(await connect()).put(KEY, ROUTED);
      const cache = cacheOf(await connect());
      const asked: Routing[] = [];
      const answer = (holds: boolean) => async (routing: Routing) => {
        asked.push(routing);
        return holds;
      };
      expect(await cache.get(KEY, answer(false))).toBeUndefined();
      expect(await cache.get(KEY, answer(true))).toEqual(ROUTED);
      expect(await cache.get(KEY, answer(false))).toEqual(ROUTED);
      expect(asked).toEqual([ROUTED, ROUTED]);
    }),
  );

  test('takes a key of another type for a miss', async () => {
    await server.use((client) => client.lpush(`skillos:routing:${KEY}`, 'x'));
    expect(await readByAnother()).toBeUndefined();
    expect(faults).toBe(1);
  });

  test.each<[string, Environment, Environment]>([
    ['another key', SERVER_KEY, { SKILLOS_SERVER_KEY: 'x'.repeat(32) }],
    ['none', SERVER_KEY, {}],
    ['one where there was none', {}, SERVER_KEY],
  ])('believes nothing that was sealed with %s', (_what, written, read) =>
    soon(async () => {
      await cacheOf(await connect(), written).put(KEY, ROUTED);
      expect(await readByAnother(read)).toBeUndefined();
      expect(faults).toBe(1);
    })(),
  );

  test(
    'believes no entry that was moved to another key',
    soon(async () => {
      const cache = cacheOf(await connect(), SERVER_KEY);
      await cache.put('b'.repeat(64), ROUTED);
      await server.use((client) =>
        client.rename(`skillos:routing:${'b'.repeat(64)}`, `skillos:routing:${KEY}`),
      );
      expect(await readByAnother(SERVER_KEY)).toBeUndefined();
    }),
  );

  test('works in this process while Redis is down', async () => {
    const cache = cacheOf(await connect(`redis://${await deadAddress()}`));
    expect(await cache.get(KEY, believe)).toBeUndefined();
    await cache.put(KEY, ROUTED);
    expect(await cache.get(KEY, believe)).toEqual(ROUTED);
    expect(faults).toBe(2);
  });

  test('costs one request 50 ms when Redis falls silent, and the others nothing', async () => {
    const own = await startRedis();
    const redis = await connect(own.url);
    await eventually(() => redis.probe());
    const cache = cacheOf(redis);
    own.pause();
    const begun = performance.now();
    await cache.get(KEY, believe);
    for (let asked = 0; asked < 1000; asked++) await cache.get(String(asked), believe);
    expect(performance.now() - begun).toBeLessThan(100 * 50); // all together; each would have waited as long
    expect(faults).toBe(1001);
    own.resume();
    await eventually(async () => {
      faults = 0;
      await cache.get('other', believe);
      expect(faults).toBe(0);
    });
  });
});
