/** Who sends a request: the holder of a token; without keys for tokens, the person at this machine. */
import { loginName } from '../adapters/login-name.ts';
import { openTokenVerifier } from '../adapters/jwt.ts';
import { SETTINGS } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import { SkillosError } from '../core/errors.ts';
import { callerOf, localCaller } from '../core/principal.ts';
import type { Caller } from '../core/principal.ts';

/** The caller, in one of its roles where one is named. Rejects as `callerOf` does. */
export type CallerIn = (role?: string) => Caller;

export interface Identities {
  /** Whether callers without a token are answered. */
  readonly anonymous: boolean;
  /** Rejects with `token_missing`, or as `VerifyToken` does. */
  identify(authorization: string | undefined): Promise<CallerIn>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const BEARER = /^bearer +([^ ]+) *$/i;

/** Throws `config_invalid` where anybody who reaches the address would be believed. */
export function openIdentities(config: Config, host: string): Identities {
  const anonymous = !hasKey(config);
  if (anonymous && (config.production || !LOOPBACK.has(host))) throw keyNeeded(config, host);
  const login = loginName();
  const verify = openTokenVerifier(config);
  return {
    anonymous,
    async identify(authorization) {
      const { tenant } = config;
      if (authorization === undefined) {
        if (!anonymous)
          throw new SkillosError('token_missing', 'Expected the header Authorization: Bearer <token>');
        return (role) => localCaller(login, { role, tenant });
      }
      const token = BEARER.exec(authorization)?.[1];
      if (token === undefined) {
        throw new SkillosError(
          'token_invalid',
          'The token is not accepted: expected Authorization: Bearer <token>',
        );
      }
      const claims = await verify(token);
      return (role) => callerOf(claims, { role, tenant });
    },
  };
}

function hasKey({ jwtSecret, jwtPublicKey, jwtJwksFile, jwtJwksUrl }: Config): boolean {
  return [jwtSecret, jwtPublicKey, jwtJwksFile, jwtJwksUrl].some((key) => key !== undefined);
}

function keyNeeded({ production }: Config, host: string): SkillosError {
  const { variable } = SETTINGS.jwtSecret;
  const where = production ? 'in production' : `to listen at "${host}", which others can reach`;
  return new SkillosError('config_invalid', `Invalid ${variable}: expected a key for tokens ${where}`, {
    details: { variable, expected: 'a key for tokens' },
    hint: 'Set SKILLOS_JWT_SECRET or another key for tokens, or listen at 127.0.0.1 outside production',
  });
}
