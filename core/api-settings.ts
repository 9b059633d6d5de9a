/** Settings of the REST API. */
import * as z from 'zod';
import { integer, setting } from './setting.ts';

const MIB = 1024 * 1024;

const ORIGIN = /^https?:\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?$/;

export const API_SETTINGS = {
  apiHost: setting({
    variable: 'SKILLOS_API_HOST',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/),
    fallback: '127.0.0.1',
    expected: 'an address or a host name',
    meaning: 'Where the API listens; --host comes before it. Without a key for tokens only on this machine.',
  }),
  apiPort: setting({
    variable: 'SKILLOS_API_PORT',
    schema: integer(0, 65_535),
    fallback: '8000',
    expected: 'a port from 0 to 65535',
    meaning: 'Where the API listens; --port comes before it, and 0 takes any that is free.',
  }),
  apiMaxBodyBytes: setting({
    variable: 'SKILLOS_API_MAX_BODY_BYTES',
    schema: integer(1024, 33 * MIB),
    fallback: String(MIB),
    expected: `a whole number of bytes from 1024 to ${33 * MIB}`,
    meaning: 'The largest body of a request that the API reads.',
  }),
  apiCorsOrigins: setting({
    variable: 'SKILLOS_API_CORS_ORIGINS',
    schema: z
      .string()
      .transform((given) => given.split(',').map((origin) => origin.trim().toLowerCase()))
      .pipe(z.array(z.string().regex(ORIGIN))),
    expected: 'origins such as https://app.example.com, separated by commas',
    meaning: 'The sites whose pages may call the API; without it none may.',
  }),
} as const;
