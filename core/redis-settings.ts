/** Settings of Redis and of the routing cache. */
import * as z from 'zod';
import { FLAG, flag, integer, setting } from './setting.ts';

export const REDIS_SETTINGS = {
  redisUrl: setting({
    variable: 'SKILLOS_REDIS_URL',
    alias: 'REDIS_URL',
    schema: z.url({ protocol: /^rediss?$/ }).regex(/^[a-z]+:\/\/[^/?#]/i),
    expected: 'a redis:// or rediss:// URL',
    meaning: 'The Redis for rate limits and the routing cache; REDIS_URL is read where this is unset.',
    secret: true,
  }),
  cacheEnabled: setting({
    variable: 'SKILLOS_CACHE_ENABLED',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning: 'Whether processes share what they routed through Redis.',
  }),
  cacheTtlSeconds: setting({
    variable: 'SKILLOS_CACHE_TTL_SECONDS',
    schema: integer(1, 86_400),
    fallback: '60',
    expected: 'a whole number of seconds from 1 to 86400',
    meaning: 'How long a routing stays in the cache.',
  }),
  cachePrefix: setting({
    variable: 'SKILLOS_CACHE_PREFIX',
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/),
    fallback: 'skillos',
    expected: 'letters, digits and . _ : -, at most 64',
    meaning: 'What all keys in Redis begin with.',
  }),
} as const;
