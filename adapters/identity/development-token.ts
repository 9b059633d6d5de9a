/** Signs tokens for trying out permissions and approvals, with the key that verifies them. */
import { SignJWT } from 'jose';
import type { Config } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { callerOf } from '../../core/rights/caller.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import { checkTokenSettings } from './jwt.ts';
import type { JwtSettings } from './jwt.ts';

export interface DevelopmentClaims {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly tenant?: string | undefined;
  /** Unix seconds. */
  readonly iat: number;
  readonly exp: number;
}

const MAX_TTL_S = 366 * 86_400;

/**
 * Rejects with `usage` in production and for claims that would not be accepted, and with `config_invalid` without
 * `SKILLOS_JWT_SECRET`: other keys only verify.
 */
export async function signDevelopmentToken(
  settings: JwtSettings & Pick<Config, 'production'>,
  { sub, roles, tenant, iat, exp }: DevelopmentClaims,
): Promise<string> {
  if (settings.production) {
    throw new SkillosError(
      'usage',
      'Production takes tokens of your issuer only: expected SKILLOS_ENV to be another one',
    );
  }
  const { jwtSecret, jwtIssuer: iss, jwtAudience: aud } = settings;
  const [alg = ''] = (await checkTokenSettings(settings))?.algorithms ?? [];
  if (jwtSecret === undefined) {
    const { variable } = SETTINGS.jwtSecret;
    throw new SkillosError('config_invalid', `${variable} is not set: expected a key that signs tokens`, {
      hint: `Set it for the engine and for this command: export ${variable}=$(openssl rand -base64 32)`,
    });
  }
  if (exp <= iat || exp - iat > MAX_TTL_S) {
    throw new SkillosError('usage', 'Invalid --ttl: expected at least 1s and at most 366d');
  }
  const named = { sub, roles: [...roles], ...(tenant === undefined ? {} : { tenant_id: tenant }) };
  refuseUnfit(named);
  const claims = { ...named, iat, exp, ...(iss && { iss }), ...(aud && { aud }) };
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ: 'JWT' })
    .sign(new TextEncoder().encode(jwtSecret));
}

function refuseUnfit(claims: object): void {
  try {
    callerOf(claims, {});
  } catch (error) {
    throw new SkillosError('usage', (error as Error).message); // of the options, not of a token
  }
}
