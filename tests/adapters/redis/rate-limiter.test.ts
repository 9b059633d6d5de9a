import { openRateLimiter } from '../../../adapters/redis/rate-limiter.ts';
import type { RateLimiter, RateLimiting } from '../../../adapters/redis/rate-limiter.ts';
import { openRedis } from '../../../adapters/redis/redis.ts';
import type { Redis } from '../../../adapters/redis/redis.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import type { Environment } from '../../../core/settings/config.ts';
import { deadAddress } from '../../support/dead-address.ts';
import { eventually } from '../../support/eventually.ts';
import { startRedis } from '../../support/redis.ts';
import type { TestRedis } from '../../support/redis.ts';

let server: TestRedis;
const opened: Redis[] = [];

beforeAll(async () => {
  server = await startRedis();
});

afterEach(() => {
  for (const redis of opened.splice(0)) redis.close();
});

async function openReady(url = server.url): Promise<Redis> {
  const redis = await openRedis(url, 'test');
  opened.push(redis);
  await eventually(() => redis.probe());
  return redis;
}

async function openDead(): Promise<Redis> {
  const redis = await openRedis(`redis://${await deadAddress()}`, 'test');
  opened.push(redis);
  return redis;
}

/** Three a minute, unless told otherwise. */
function limiterOf(more: Omit<RateLimiting, 'config'> = {}, env: Environment = {}): RateLimiter {
  const config = parseConfig({ SKILLOS_RATE_LIMIT_REQUESTS: '3', ...env });
  const limiter = openRateLimiter({ config, ...more });
  if (limiter === undefined) throw new Error('Expected a limit');
  return limiter;
}

const STRICT = { SKILLOS_RATE_LIMIT_STRICT: '1', SKILLOS_REDIS_URL: 'redis://checked-elsewhere' };

async function remaining(limiter: RateLimiter, key: string, times: number): Promise<readonly string[]> {
  const said: string[] = [];
  for (let asked = 0; asked < times; asked++) {
    const decision = await limiter.take(key);
    said.push(decision.isAllowed ? String(decision.remaining) : 'refused');
  }
  return said;
}

/** On a busy machine an answer of Redis may come too late: then for another caller. */
async function soon(check: (round: number) => Promise<void>): Promise<void> {
  let round = 0;
  await eventually(() => check(round++));
}

describe.each<[string, () => Promise<RateLimiter>]>([
  ['in process', async () => limiterOf()],
  ['in Redis', async () => limiterOf({ redis: await openReady() }, { SKILLOS_CACHE_PREFIX: 'law' })],
  ['strictly', async () => limiterOf({ redis: await openReady() }, { ...STRICT, SKILLOS_CACHE_PREFIX: 's' })],
])('a limit that is counted %s', (_where, open) => {
  test('lets through as many as it says, each caller for itself', async () => {
    const limiter = await open();
    await soon(async (round) => {
      expect(await remaining(limiter, `ann ${round}`, 5)).toEqual(['2', '1', '0', 'refused', 'refused']);
      expect(await remaining(limiter, `bob ${round}`, 1)).toEqual(['2']);
    });
  });

  test('says when the window ends', async () => {
    const limiter = await open();
    await soon(async (round) => {
      const { resetMs, ...decision } = await limiter.take(`carl ${round}`);
      expect(decision).toEqual({ isAllowed: true, limit: 3, remaining: 2 });
      expect(resetMs).toBeGreaterThan(50_000);
      expect(resetMs).toBeLessThanOrEqual(60_000);
    });
  });

  test('is exact for callers at the same time', async () => {
    const limiter = await open();
    await soon(async (round) => {
      const decisions = await Promise.all(Array.from({ length: 200 }, () => limiter.take(`dora ${round}`)));
      expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(3);
    });
  });

  test.each(['', '\0', 'ü'.repeat(10_000), 'a b*[c]', '__proto__'])('takes any key: %#', async (key) => {
    const limiter = await open();
    await soon(async (round) => {
      expect(await remaining(limiter, `${round} ${key}`, 4)).toEqual(['2', '1', '0', 'refused']);
    });
  });
});

describe('a limit', () => {
  test('is not there where it is turned off, but strictness comes before that', () => {
    const off = { SKILLOS_RATE_LIMIT_ENABLED: '0' };
    expect(openRateLimiter({ config: parseConfig(off) })).toBeUndefined();
    expect(openRateLimiter({ config: parseConfig({ ...off, ...STRICT }) })).toBeDefined();
  });

  test('starts again when the window has ended', async () => {
    let time = 0;
    const limiter = limiterOf({ now: () => time });
    expect(await remaining(limiter, 'ann', 4)).toEqual(['2', '1', '0', 'refused']);
    time = 59_999;
    expect(await limiter.take('ann')).toEqual({ isAllowed: false, limit: 3, remaining: 0, resetMs: 1 });
    time = 60_000;
    expect(await remaining(limiter, 'ann', 1)).toEqual(['2']);
  });

  test('starts again in Redis when the window has ended', async () => {
    const limiter = limiterOf({ redis: await openReady() }, { SKILLOS_RATE_LIMIT_WINDOW_SECONDS: '1' });
    await soon(async (round) => {
      expect(await remaining(limiter, `eve ${round}`, 4)).toEqual(['2', '1', '0', 'refused']);
      await eventually(async () => expect((await limiter.take(`eve ${round}`)).isAllowed).toBe(true));
    });
  });

  test('holds over processes that share a Redis', async () => {
    const env = { SKILLOS_CACHE_PREFIX: 'shared' };
    const [one, other] = await Promise.all(
      [0, 1].map(async () => limiterOf({ redis: await openReady() }, env)),
    );
    await soon(async (round) => {
      expect(await remaining(one as RateLimiter, `ann ${round}`, 2)).toEqual(['2', '1']);
      expect(await remaining(other as RateLimiter, `ann ${round}`, 2)).toEqual(['0', 'refused']);
    });
  });

  test('leaves nothing in Redis for ever, and no names', async () => {
    const limiter = limiterOf({ redis: await openReady() }, { ...STRICT, SKILLOS_CACHE_PREFIX: 'kept' });
    const take = () => eventually(async () => void (await limiter.take('principal:a:ann')));
    await take();
    const [key = '', ...others] = await server.use((client) => client.keys('kept:rate:*'));
    expect(others).toEqual([]);
    expect(key).toMatch(/^kept:rate:60000:[0-9a-f]{32}$/);
    expect(await server.use((client) => client.pttl(key))).toBeGreaterThan(0);
    await server.use((client) => client.persist(key)); // as if its expiry had been lost
    await take();
    expect(await server.use((client) => client.pttl(key))).toBeGreaterThan(0);
  });
});

describe('without Redis', () => {
  test('a limit is counted in process, and says so', async () => {
    let fallbacks = 0;
    const limiter = limiterOf({ redis: await openDead(), onFallback: () => fallbacks++ });
    expect(await remaining(limiter, 'ann', 4)).toEqual(['2', '1', '0', 'refused']);
    expect(fallbacks).toBe(4);
  });

  test('a strict limit lets nobody through, and says so within 100 ms', async () => {
    for (const redis of [await openDead(), undefined]) {
      const limiter = limiterOf({ redis }, STRICT);
      await soon(async () => {
        const begun = performance.now();
        await expect(limiter.take('ann')).rejects.toMatchObject({
          code: 'rate_limit_unavailable',
          message: expect.stringMatching(/^Cannot count requests: /),
        });
        expect(performance.now() - begun).toBeLessThan(100);
      });
    }
  });

  test('a strict limit lets nobody through while Redis says nothing, loses its mind, and comes back', async () => {
    const own = await startRedis();
    const redis = await openReady(own.url);
    const limiter = limiterOf({ redis }, STRICT);
    await soon(async () => {
      own.resume();
      await eventually(() => redis.probe());
      own.pause();
      const begun = performance.now();
      await expect(limiter.take('ann')).rejects.toMatchObject({ code: 'rate_limit_unavailable' });
      expect(performance.now() - begun).toBeLessThan(100);
    });
    own.resume();
    await eventually(async () => void (await limiter.take('ann')));
    await own.use(async (client) => {
      for (const key of await client.keys('*')) await client.del(key).then(() => client.lpush(key, 'x'));
    });
    await eventually(() =>
      expect(limiter.take('ann')).rejects.toMatchObject({
        message: 'Cannot count requests: Cannot use Redis: a key holds something else',
      }),
    );
  });
});
