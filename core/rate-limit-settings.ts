/** Settings of how often the API and webhooks may be asked. */
import { FLAG, flag, integer, setting } from './setting.ts';

export const RATE_LIMIT_SETTINGS = {
  rateLimitEnabled: setting({
    variable: 'SKILLOS_RATE_LIMIT_ENABLED',
    schema: flag,
    fallback: '1',
    expected: FLAG,
    meaning: 'Whether requests to the API and webhooks are limited, by principal or address.',
  }),
  rateLimitRequests: setting({
    variable: 'SKILLOS_RATE_LIMIT_REQUESTS',
    schema: integer(1, 1_000_000),
    fallback: '60',
    expected: 'a whole number from 1 to 1000000',
    meaning: 'How many requests one principal or address may make in a window.',
  }),
  rateLimitWindowSeconds: setting({
    variable: 'SKILLOS_RATE_LIMIT_WINDOW_SECONDS',
    schema: integer(1, 86_400),
    fallback: '60',
    expected: 'a whole number of seconds from 1 to 86400',
    meaning: 'How long a window lasts; it begins with the first request.',
  }),
  rateLimitStrict: setting({
    variable: 'SKILLOS_RATE_LIMIT_STRICT',
    schema: flag,
    fallback: '0',
    expected: FLAG,
    meaning:
      'Whether the limit holds over all processes: counted in Redis alone, and without Redis requests are refused. Comes before SKILLOS_RATE_LIMIT_ENABLED.',
  }),
} as const;
