/** Verifies JSON Web Tokens (RFC 7519) with jose. Error messages contain no part of the token. */
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import * as z from 'zod';
import type { Config } from '../../core/settings/config.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { loadVerificationKeys } from './jwt-keys.ts';
import type { VerificationKeys } from './jwt-keys.ts';

export type JwtSettings = Pick<
  Config,
  | 'production'
  | 'jwtSecret'
  | 'jwtPublicKey'
  | 'jwtJwksFile'
  | 'jwtJwksUrl'
  | 'jwtAlgorithm'
  | 'jwtIssuer'
  | 'jwtAudience'
  | 'jwtClockSkewSeconds'
  | 'jwtRequireExp'
>;

/**
 * Resolves to the claims. Rejects with `token_invalid`, with `keys_unavailable` if the keys cannot be fetched, and with
 * `config_invalid` if the keys are unfit.
 */
export type VerifyToken = (token: string) => Promise<unknown>;

/** The end of the year 9999, in seconds. */
const MAX_TIME = 253_402_300_799;
const MAX_TOKEN_BYTES = 8192;
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** A token may select a key by `kid` only: headers that embed a key, name its URL, or require extensions are refused. */
const headerSchema = z.object({
  alg: z.string('a signature').refine((alg) => alg.toLowerCase() !== 'none', { error: 'a signature' }),
  typ: z
    .string('the type JWT or at+jwt')
    .refine((typ) => ['jwt', 'at+jwt'].includes(typ.toLowerCase().replace(/^application\//, '')), {
      error: 'the type JWT or at+jwt',
    })
    .optional(),
  kid: z
    .string('a kid that is a text')
    .regex(/^(?!.*\.\.)[\w.:=+/~@ -]{1,256}$/, 'a kid that is a plain name')
    .optional(),
  jwk: absent('jwk'),
  jku: absent('jku'),
  x5u: absent('x5u'),
  x5c: absent('x5c'),
  crit: absent('crit'),
  b64: absent('b64'),
});

/**
 * Resolves to the configured key; to undefined without one. Rejects with `config_invalid` for several sources, for an unfit key,
 * and in production where tokens need not expire. Fetches nothing.
 */
export async function checkTokenSettings(settings: JwtSettings): Promise<VerificationKeys | undefined> {
  if (settings.production && !settings.jwtRequireExp) {
    const { variable } = SETTINGS.jwtRequireExp;
    throw new SkillosError('config_invalid', `Invalid ${variable}: expected 1 in production`);
  }
  return loadVerificationKeys(settings);
}

/** Returns a verifier that loads the keys at the first token and keeps them. */
export function openTokenVerifier(settings: JwtSettings): VerifyToken {
  let keys: Promise<VerificationKeys | undefined> | undefined;
  return async (token) => {
    keys ??= checkTokenSettings(settings);
    const known = await keys;
    if (known === undefined) {
      throw new SkillosError('token_invalid', 'No key is configured to verify tokens', {
        hint: 'Set one of SKILLOS_JWT_SECRET, SKILLOS_JWT_PUBLIC_KEY, SKILLOS_JWT_JWKS_FILE and SKILLOS_JWT_JWKS_URL',
      });
    }
    checkForm(token);
    return verify(token, known, settings);
  };
}

function absent(name: string) {
  return z.undefined(`no ${name} in its header`).optional();
}

function checkForm(token: string): void {
  if (token.length > MAX_TOKEN_BYTES) throw refused(`it is longer than ${MAX_TOKEN_BYTES} bytes`);
  if (!COMPACT.test(token)) throw refused('it is not a signed JWT of three parts');
  const header = headerSchema.safeParse(headerOf(token));
  if (!header.success) throw refused(`expected ${header.error.issues[0]?.message}`);
  if (!token.split('.').every(isCanonical)) throw refused('its parts are not in canonical base64url');
}

/** Several texts decode to the same bytes, and only one of them is the encoding (RFC 4648, section 3.5). */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}

function headerOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw refused('its header does not parse');
  }
}

async function verify(token: string, keys: VerificationKeys, settings: JwtSettings): Promise<unknown> {
  const { jwtIssuer, jwtAudience, jwtClockSkewSeconds, jwtRequireExp } = settings;
  try {
    const { payload } = await jwtVerify(token, keys.getKey, {
      algorithms: [...keys.algorithms],
      clockTolerance: jwtClockSkewSeconds,
      requiredClaims: jwtRequireExp ? ['exp'] : [],
      ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
      ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
    });
    checkTimes(payload, jwtClockSkewSeconds);
    return payload;
  } catch (error) {
    throw asTokenError(error, keys); // without a cause, which would hold the claims
  }
}

/** jose takes 1e999, which JSON reads as infinite, and a time of issue in the future. */
function checkTimes({ iat, exp, nbf }: JWTPayload, skewSeconds: number): void {
  for (const [claim, time] of Object.entries({ iat, exp, nbf })) {
    if (time !== undefined && !(Math.abs(time) <= MAX_TIME))
      throw refused(`its claim ${claim} is not a time`);
  }
  if (iat !== undefined && iat > Date.now() / 1000 + skewSeconds)
    throw refused('it was issued in the future');
}

function asTokenError(error: unknown, { algorithms }: VerificationKeys): SkillosError {
  if (error instanceof SkillosError) return error;
  if (error instanceof errors.JWTExpired) return refused('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed) return refused(claimProblem(error));
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('its signature does not verify');
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refused(`expected it to be signed with ${algorithms.join(', ')}`);
  }
  if (error instanceof errors.JWKSNoMatchingKey) return refused('no key fits its header');
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return refused('several keys fit its header: expected a kid');
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) {
    return refused('its parts cannot be decoded');
  }
  return new SkillosError('keys_unavailable', 'The keys that verify tokens cannot be fetched or used');
}

function claimProblem({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `expected a claim ${claim}`;
  if (reason === 'invalid') return `its claim ${claim} is of the wrong type`;
  switch (claim) {
    case 'iss':
      return 'it has another issuer';
    case 'aud':
      return 'it is for another audience';
    case 'nbf':
      return 'it is not valid yet';
    default:
      return `its claim ${claim} is not accepted`;
  }
}

function refused(why: string): SkillosError {
  return new SkillosError('token_invalid', `The token is not accepted: ${why}`);
}
