/**
 * Measures counting a request and reading the routing cache: in process, in Redis, and while Redis does not
 * answer.
 */
import { openRateLimiter } from '../adapters/redis/rate-limiter.ts';
import { openRedis } from '../adapters/redis/redis.ts';
import type { Redis } from '../adapters/redis/redis.ts';
import { openRoutingCache } from '../adapters/redis/routing-cache.ts';
import { parseConfig } from '../core/settings/config.ts';
import type { Routing } from '../core/routing/routing.ts';
import { parseSkillId } from '../core/values/skill-id.ts';
import { startRedis, stopRedisServers } from '../tests/support/redis.ts';
import type { Bench } from './bench.ts';
import { fixed, quantile, timed } from './measure.ts';

const CALLERS = 50;
const CALLS = 20_000;
const ADDRESSES = 200_000;
const ROUTING: Routing = {
  status: 'routed',
  skill: parseSkillId('travel/search_flights'),
  confidence: 0.95,
  alternatives: [{ skill: parseSkillId('travel/search_hotels'), confidence: 0.02 }],
  reasons: ['matches "flights"', 'matches "find"'],
};

export const redisBench: Bench = {
  summary: 'rate limits and the routing cache: in process, in Redis, Redis silent',
  run: async () => {
    await memory();
    const server = await startRedis();
    const redis = await openRedis(server.url, 'bench');
    try {
      print(`${''.padEnd(34)}${'calls/s'.padStart(10)}${'p50 µs'.padStart(10)}${'p99 µs'.padStart(10)}`);
      await limits('in process', undefined);
      await limits('in Redis', redis);
      await lookups('in process', undefined, true);
      await lookups('in Redis', redis, true);
      await lookups('in Redis, nothing there', redis, false);
      server.pause();
      await redis.probe().catch(() => undefined);
      await limits('Redis silent', redis);
      await lookups('Redis silent', redis, false);
    } finally {
      redis.close();
      await stopRedisServers();
    }
    return 0;
  },
};

async function limits(where: string, redis: Redis | undefined): Promise<void> {
  const config = parseConfig({ SKILLOS_RATE_LIMIT_REQUESTS: '1000000' });
  const limiter = openRateLimiter({ config, redis });
  await measure(`rate limit ${where}`, async (call) => void (await limiter?.take(`caller ${call % 100}`)));
}

/** Each key is read once by a process that did not write it, so that each lookup goes to Redis. */
async function lookups(where: string, redis: Redis | undefined, isKnown: boolean): Promise<void> {
  const config = parseConfig({});
  const writer = openRoutingCache({ config, redis });
  const keyOf = (call: number): string => `${where} ${redis === undefined ? call % 100 : call}`;
  if (isKnown) for (let call = 0; call < CALLS; call++) await writer.put(keyOf(call), ROUTING);
  const reader = redis === undefined ? writer : openRoutingCache({ config, redis });
  await measure(`cache ${where}`, async (call) => void (await reader.get(keyOf(call), async () => true)));
}

async function measure(name: string, work: (call: number) => Promise<void>): Promise<void> {
  const times: number[] = [];
  let call = 0;
  const total = await timed(() =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        while (call < CALLS) {
          const own = call++;
          times.push(await timed(() => work(own)));
        }
      }),
    ),
  );
  const micros = [0.5, 0.99].map((q) => fixed(quantile(times, q) * 1000).padStart(10));
  print(`${name.padEnd(34)}${String(Math.round((CALLS / total) * 1000)).padStart(10)}${micros.join('')}`);
}

async function memory(): Promise<void> {
  const limiter = openRateLimiter({ config: parseConfig({}) });
  const before = process.memoryUsage().rss;
  for (let address = 0; address < ADDRESSES; address++) await limiter?.take(`address:10.0.0.${address}`);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  print(`${ADDRESSES} addresses counted in process: ${grown.toFixed(0)} MiB more`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
