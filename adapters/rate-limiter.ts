/** Counts requests: in Redis for all processes, or in this one. */
import { LRUCache } from 'lru-cache';
import type { Config } from '../core/config.ts';
import { sha256 } from '../core/digest.ts';
import { SkillosError } from '../core/errors.ts';
import { countRequest, decideRate } from '../core/rate-limit.ts';
import type { RateDecision, RateLimit, RateWindow } from '../core/rate-limit.ts';
import type { Redis } from './redis.ts';

export interface RateLimiter {
  /** Counts one request of `key`; rejects with `rate_limit_unavailable` where it must be counted and cannot be. */
  take(key: string): Promise<RateDecision>;
}

export interface RateLimiting {
  readonly config: Pick<
    Config,
    'rateLimitEnabled' | 'rateLimitRequests' | 'rateLimitWindowSeconds' | 'rateLimitStrict' | 'cachePrefix'
  >;
  readonly redis?: Redis | undefined;
  /** Called whenever a request is counted in this process because Redis could not. */
  readonly onFallback?: () => void;
  /** Milliseconds on a clock that is never set back. */
  readonly now?: () => number;
}

/** Who asked longest ago is forgotten first: whoever has that many addresses is not stopped by counting. */
const MAX_KEYS = 50_000;

/** One step for everybody who asks; a key that lost its expiry gets a new one. */
const COUNT_SCRIPT = `
local count = redis.call('INCR', KEYS[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  ttl = tonumber(ARGV[1])
end
return { count, ttl }
`;

/** `undefined` where requests are not limited. */
export function openRateLimiter({ config, redis, onFallback, now }: RateLimiting): RateLimiter | undefined {
  const rule = { requests: config.rateLimitRequests, windowMs: config.rateLimitWindowSeconds * 1000 };
  if (!config.rateLimitEnabled && !config.rateLimitStrict) return undefined;
  const shared = redis && countInRedis(redis, `${config.cachePrefix}:rate`, rule);
  if (config.rateLimitStrict) return { take: (key) => strictly(key, shared) };
  const local = countInProcess(rule, now);
  if (shared === undefined) return { take: local };
  return {
    take: (key) =>
      shared(key).catch(() => {
        onFallback?.();
        return local(key);
      }),
  };
}

type Count = (key: string) => Promise<RateDecision>;

async function strictly(key: string, shared: Count | undefined): Promise<RateDecision> {
  try {
    if (shared !== undefined) return await shared(key);
  } catch (cause) {
    throw new SkillosError('rate_limit_unavailable', `Cannot count requests: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new SkillosError('rate_limit_unavailable', 'Cannot count requests: no Redis is open');
}

function countInRedis(redis: Redis, prefix: string, rule: RateLimit): Count {
  return async (key) => {
    // Another window is another count: nothing of a longer one before is left over.
    const name = `${prefix}:${rule.windowMs}:${sha256(key).slice(0, 32)}`;
    const reply = await redis.use((client) => client.eval(COUNT_SCRIPT, 1, name, rule.windowMs));
    const [count, ttlMs] = reply as [number, number]; // as the script says
    return decideRate(count, ttlMs, rule);
  };
}

function countInProcess(rule: RateLimit, now = () => Math.floor(performance.now())): Count {
  const windows = new LRUCache<string, RateWindow>({ max: MAX_KEYS });
  return async (key) => {
    const time = now();
    const window = countRequest(windows.get(key), time, rule);
    windows.set(key, window);
    return decideRate(window.count, window.endsAt - time, rule);
  };
}
