/**
 * Counts requests in Redis for all processes, or in this process. Not with rate-limiter-flexible: in memory
 * it keeps a timer per key without a bound, it has no 50 ms limit, and adapting its results would take as
 * many lines as this file.
 */
import { LRUCache } from 'lru-cache';
import type { Config } from '../../core/settings/config.ts';
import { sha256 } from '../../core/values/digest.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { countRequest, decideRate } from '../../core/limits/rate-limit.ts';
import type { RateDecision, RateLimit, RateWindow } from '../../core/limits/rate-limit.ts';
import type { Redis } from './redis.ts';

export interface RateLimiter {
  /** Counts one request of `key`, by the rule of the settings unless another is given. In strict mode it rejects with `rate_limit_unavailable` if Redis cannot count it. */
  take(key: string, rule?: RateLimit): Promise<RateDecision>;
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

/** Bound of keys in memory; the least recently used is dropped first. */
const MAX_KEYS = 50_000;

/** Increments and reads the expiry in one atomic step; a key without an expiry gets one. */
const COUNT_SCRIPT = `
local count = redis.call('INCR', KEYS[1])
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  ttl = tonumber(ARGV[1])
end
return { count, ttl }
`;

/** Returns undefined if rate limits are off. */
export function openRateLimiter({ config, redis, onFallback, now }: RateLimiting): RateLimiter | undefined {
  const usual = { requests: config.rateLimitRequests, windowMs: config.rateLimitWindowSeconds * 1000 };
  if (!config.rateLimitEnabled && !config.rateLimitStrict) return undefined;
  const shared = redis && countInRedis(redis, `${config.cachePrefix}:rate`);
  if (config.rateLimitStrict) return { take: (key, rule = usual) => strictly(() => shared?.(key, rule)) };
  const local = countInProcess(now);
  if (shared === undefined) return { take: (key, rule = usual) => local(key, rule) };
  return {
    take: (key, rule = usual) =>
      shared(key, rule).catch(() => {
        onFallback?.();
        return local(key, rule);
      }),
  };
}

type Count = (key: string, rule: RateLimit) => Promise<RateDecision>;

async function strictly(count: () => Promise<RateDecision> | undefined): Promise<RateDecision> {
  try {
    const decision = await count();
    if (decision !== undefined) return decision;
  } catch (cause) {
    throw new SkillosError('rate_limit_unavailable', `Cannot count requests: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new SkillosError('rate_limit_unavailable', 'Cannot count requests: no Redis is open');
}

function countInRedis(redis: Redis, prefix: string): Count {
  return async (key, rule) => {
    // The window is part of the name, so a changed window starts a new count.
    const name = `${prefix}:${rule.windowMs}:${sha256(key).slice(0, 32)}`;
    const reply = await redis.use((client) => client.eval(COUNT_SCRIPT, 1, name, rule.windowMs));
    const [count, ttlMs] = reply as [number, number]; // the script returns two integers
    return decideRate(count, ttlMs, rule);
  };
}

function countInProcess(now = () => Math.floor(performance.now())): Count {
  const windows = new LRUCache<string, RateWindow>({ max: MAX_KEYS });
  return async (key, rule) => {
    const time = now();
    const window = countRequest(windows.get(key), time, rule);
    windows.set(key, window);
    return decideRate(window.count, window.endsAt - time, rule);
  };
}
