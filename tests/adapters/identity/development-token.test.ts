import { signDevelopmentToken } from '../../../adapters/identity/development-token.ts';
import { openTokenVerifier } from '../../../adapters/identity/jwt.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { SECRET } from '../../support/tokens.ts';

const HS = { SKILLOS_JWT_SECRET: SECRET };
const iat = Math.floor(Date.now() / 1000);
const DAN = { sub: 'dan', roles: ['cfo'], iat, exp: iat + 60 };

const sign = (settings: Readonly<Record<string, string>>, claims = DAN) =>
  signDevelopmentToken(parseConfig(settings), claims);

describe('signDevelopmentToken', () => {
  test.each([
    ['the default', {}, {}],
    ['another algorithm', { SKILLOS_JWT_ALGORITHM: 'HS512' }, {}],
    [
      'issuer and audience',
      { SKILLOS_JWT_ISSUER: 'me', SKILLOS_JWT_AUDIENCE: 'you' },
      { iss: 'me', aud: 'you' },
    ],
  ])('signs what the same settings accept, with %s', async (_, more, claims) => {
    const settings = { ...HS, ...more };
    expect(await openTokenVerifier(parseConfig(settings))(await sign(settings))).toEqual({
      ...DAN,
      ...claims,
    });
  });

  test('names the tenant', async () => {
    const token = await signDevelopmentToken(parseConfig(HS), { ...DAN, tenant: 'acme' });
    expect(await openTokenVerifier(parseConfig(HS))(token)).toMatchObject({ tenant_id: 'acme' });
  });

  test.each([
    [
      'in production',
      { ...HS, SKILLOS_ENV: 'prod' },
      DAN,
      'usage',
      'Production takes tokens of your issuer only',
    ],
    ['without a key', {}, DAN, 'config_invalid', 'SKILLOS_JWT_SECRET is not set'],
    [
      'with a key that only verifies',
      { SKILLOS_JWT_JWKS_URL: 'https://a.example' },
      DAN,
      'config_invalid',
      'not set',
    ],
    ['for a name of control characters', HS, { ...DAN, sub: '\u001b' }, 'usage', 'Invalid claim "sub"'],
    ['for no time', HS, { ...DAN, exp: iat }, 'usage', 'Invalid --ttl'],
    ['for a time that no verifier takes', HS, { ...DAN, exp: 1e14 }, 'usage', 'at most 366d'],
    ['for an empty role', HS, { ...DAN, roles: [''] }, 'usage', 'Invalid claim "roles.0"'],
  ])('refuses %s', async (_, settings, claims, code, message) => {
    await expect(sign(settings, claims)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
