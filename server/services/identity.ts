/** Identifies the caller of a request: by its token, or without a configured key as the user of this machine. */
import { loginName } from '../../adapters/machine/login-name.ts';
import { openTokenVerifier } from '../../adapters/identity/jwt.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import type { Config } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { callerOf, localCaller } from '../../core/rights/caller.ts';
import type { Caller } from '../../core/rights/caller.ts';

/** The sender of a request. */
export interface Identity {
  /** Returns the caller, limited to one of its roles if one is named. Throws as `callerOf` does. */
  readonly callerIn: (role?: string) => Caller;
  /** Unix milliseconds from which on the token is refused; absent without a token, or if it does not expire. */
  readonly expiresAt?: number;
}

export interface Identities {
  /** True if requests without a token are accepted. */
  readonly anonymous: boolean;
  /** Rejects with `token_missing`, or as `VerifyToken` does. */
  identify(authorization: string | undefined): Promise<Identity>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const BEARER = /^bearer +([^ ]+) *$/i;

/** Throws `config_invalid` if no key is configured and the server is in production or listens beyond loopback. */
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
        return { callerIn: (role) => localCaller(login, { role, tenant }) };
      }
      const token = BEARER.exec(authorization)?.[1];
      if (token === undefined) {
        throw new SkillosError(
          'token_invalid',
          'The token is not accepted: expected Authorization: Bearer <token>',
        );
      }
      const claims = await verify(token);
      return { callerIn: (role) => callerOf(claims, { role, tenant }), ...expiryOf(claims, config) };
    },
  };
}

function expiryOf(claims: unknown, { jwtClockSkewSeconds }: Config): Pick<Identity, 'expiresAt'> {
  const { exp } = claims as { readonly exp?: number }; // the verifier has checked its type
  return exp === undefined ? {} : { expiresAt: (exp + jwtClockSkewSeconds) * 1000 };
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
