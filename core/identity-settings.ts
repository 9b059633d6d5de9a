/** Settings of who calls: the tenant, tokens and what they are verified with, and the key between client and worker. */
import * as z from 'zod';
import { TENANT, TENANT_RULE } from './principal.ts';
import { FLAG, flag, integer, setting, text } from './setting.ts';

// prettier-ignore
const JWT_ALGORITHMS = [
  'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
];

/** Shorter keys could be guessed. */
const MIN_KEY_BYTES = 32;

const key = z.string().refine((given) => new TextEncoder().encode(given).length >= MIN_KEY_BYTES);
const KEY = `at least ${MIN_KEY_BYTES} bytes of random text`;

export const IDENTITY_SETTINGS = {
  tenant: setting({
    variable: 'SKILLOS_TENANT_ID',
    schema: z.string().regex(TENANT),
    expected: TENANT_RULE,
    meaning:
      'The tenant of the caller, where no token names one; a token of another is refused. Default: default.',
  }),
  serverKey: setting({
    variable: 'SKILLOS_SERVER_KEY',
    schema: key,
    expected: KEY,
    meaning:
      'Signs what clients ask of workers. Where a worker has it, unsigned requests are blocked; production needs it.',
    secret: true,
    inWorker: true,
  }),
  payloadKey: setting({
    variable: 'SKILLOS_PAYLOAD_KEY',
    schema: key,
    expected: KEY,
    meaning:
      'Encrypts payloads, results and summaries in Temporal, not error messages; the same for clients and workers.',
    secret: true,
    inWorker: true,
  }),
  jwtToken: setting({
    variable: 'SKILLOS_JWT_TOKEN',
    schema: text,
    expected: 'a token, or @file',
    meaning: 'The token that says who calls, where --jwt is absent.',
    secret: true,
    personal: true,
  }),
  jwtSecret: setting({
    variable: 'SKILLOS_JWT_SECRET',
    schema: key,
    expected: KEY,
    meaning: 'Verifies tokens that are signed with HS256, HS384 or HS512.',
    secret: true,
  }),
  jwtPublicKey: setting({
    variable: 'SKILLOS_JWT_PUBLIC_KEY',
    schema: text,
    expected: 'the path of a PEM file',
    meaning: 'Verifies tokens that are signed with the private key to this public one.',
  }),
  jwtJwksFile: setting({
    variable: 'SKILLOS_JWT_JWKS_FILE',
    schema: text,
    expected: 'the path of a JSON Web Key Set',
    meaning: 'The public keys that verify tokens, from a file.',
  }),
  jwtJwksUrl: setting({
    variable: 'SKILLOS_JWT_JWKS_URL',
    schema: z.url({ protocol: /^https?$/ }).refine(isSafeUrl),
    expected: 'an https URL, or an http URL of this machine',
    meaning: 'The public keys that verify tokens, fetched from their issuer.',
  }),
  jwtAlgorithm: setting({
    variable: 'SKILLOS_JWT_ALGORITHM',
    schema: z
      .string()
      .transform((given) =>
        JWT_ALGORITHMS.find((known) => known.toLowerCase() === given.trim().toLowerCase()),
      )
      .pipe(z.string()),
    expected: JWT_ALGORITHMS.join(', '),
    meaning:
      'The only algorithm that tokens may be signed with. Default: HS256 for a secret, else what fits the key.',
  }),
  jwtIssuer: setting({
    variable: 'SKILLOS_JWT_ISSUER',
    schema: text,
    expected: 'a text',
    meaning: 'The issuer that tokens must name.',
  }),
  jwtAudience: setting({
    variable: 'SKILLOS_JWT_AUDIENCE',
    schema: text,
    expected: 'a text',
    meaning: 'The audience that tokens must name.',
  }),
  jwtClockSkewSeconds: setting({
    variable: 'SKILLOS_JWT_CLOCK_SKEW_SECONDS',
    schema: integer(0, 600),
    fallback: '60',
    expected: 'a whole number of seconds from 0 to 600',
    meaning: 'How far the clock of the issuer may be off.',
  }),
  jwtRequireExp: setting({
    variable: 'SKILLOS_JWT_REQUIRE_EXP',
    schema: flag,
    fallback: '1',
    expected: FLAG,
    meaning: 'Whether tokens must say when they expire; production does not let it be turned off.',
  }),
} as const;

/** Keys over plain http would be whoever’s stands on the way. */
function isSafeUrl(given: string): boolean {
  const [, scheme, host] = /^(https?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(given) ?? [];
  return scheme?.toLowerCase() === 'https' || ['localhost', '127.0.0.1', '[::1]'].includes(host ?? '');
}
