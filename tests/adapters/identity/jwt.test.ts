import { createHmac, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportPKCS8 } from 'jose';
import { openTokenVerifier } from '../../../adapters/identity/jwt.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import { isSkillosError } from '../../../core/errors/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { SECRET, keyPair, keyServer, rawToken, signToken } from '../../support/tokens.ts';
import type { KeyPair, KeyServer } from '../../support/tokens.ts';

type Settings = Readonly<Record<string, string>>;

const HS: Settings = { SKILLOS_JWT_SECRET: SECRET };
const folder = tempFolder();
const now = () => Math.floor(Date.now() / 1000);

function fileOf(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const verify = (token: string, settings: Settings = HS) => openTokenVerifier(parseConfig(settings))(token);

/** Why it is refused; no character of the token may stand in what is said. */
async function refusal(token: string, settings: Settings = HS): Promise<string> {
  try {
    await verify(token, settings);
  } catch (error) {
    if (!isSkillosError(error)) throw error;
    const told = JSON.stringify([error.message, error.hint, error.details, error.cause, error.stack]);
    for (const part of token.split('.').filter((text) => text.length > 8)) expect(told).not.toContain(part);
    return `${error.code}: ${error.message.replace('The token is not accepted: ', '')}`;
  }
  return 'accepted';
}

/** Keys that jose would not make. */
function publicPem(type: 'x25519' | 'rsa', modulusLength = 0): string {
  const { publicKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength }) : generateKeyPairSync('x25519');
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

let rsa: KeyPair;
let ec: KeyPair;
let ed: KeyPair;
const pems: Record<string, string> = {};

beforeAll(async () => {
  [rsa, ec, ed] = await Promise.all([keyPair('RS256'), keyPair('ES256'), keyPair('EdDSA')]);
  pems['rsa'] = fileOf('rsa.pem', rsa.pem);
  pems['ec'] = fileOf('ec.pem', ec.pem);
  pems['ed'] = fileOf('ed.pem', ed.pem);
});

test('a signature has one spelling', async () => {
  const token = await signToken(); // 32 bytes leave two bits of the last character unused
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const next = alphabet[alphabet.indexOf(token.slice(-1)) + 1] as string;
  expect(await refusal(token)).toBe('accepted');
  expect(await refusal(token.slice(0, -1) + next)).toBe(
    'token_invalid: its parts are not in canonical base64url',
  );
});

describe('a secret', () => {
  test('verifies a token and yields its claims', async () => {
    expect(await verify(await signToken({ roles: ['admin'] }))).toMatchObject({
      sub: 'ann',
      roles: ['admin'],
    });
  });

  test.each([
    ['HS256', undefined, 'accepted'],
    ['HS512', undefined, 'token_invalid: expected it to be signed with HS256'],
    ['HS512', 'HS512', 'accepted'],
    ['HS384', 'hs384', 'accepted'],
    ['HS256', 'HS512', 'token_invalid: expected it to be signed with HS512'],
  ])('of %s, with the algorithm %s: %s', async (alg, setting, expected) => {
    const settings = setting === undefined ? HS : { ...HS, SKILLOS_JWT_ALGORITHM: setting };
    const key = new TextEncoder().encode(SECRET);
    expect(await refusal(await signToken({}, { alg, key }), settings)).toBe(expected);
  });

  test('does not go with an algorithm of public keys', async () => {
    expect(await refusal(await signToken(), { ...HS, SKILLOS_JWT_ALGORITHM: 'RS256' })).toBe(
      'config_invalid: Invalid SKILLOS_JWT_ALGORITHM: expected HS256, HS384, HS512 for this kind of key',
    );
  });
});

describe('a public key', () => {
  test.each<[string, () => KeyPair, readonly string[]]>([
    ['rsa', () => rsa, ['RS256']],
    ['ec', () => ec, ['ES256']],
    ['ed', () => ed, ['EdDSA']],
  ])('of %s verifies its own tokens', async (name, pair, [alg]) => {
    const token = await signToken({}, { alg: alg as string, key: pair().privateKey });
    expect(await refusal(token, { SKILLOS_JWT_PUBLIC_KEY: pems[name] as string })).toBe('accepted');
  });

  test.each(['RS384', 'PS256', 'ES384', 'ES512'])('verifies %s', async (alg) => {
    const pair = await keyPair(alg);
    const settings = { SKILLOS_JWT_PUBLIC_KEY: fileOf(`${alg}.pem`, pair.pem) };
    expect(await refusal(await signToken({}, { alg, key: pair.privateKey }), settings)).toBe('accepted');
  });

  test.each(['HS256', 'HS384', 'HS512'])('is never taken for the secret of %s', async (alg) => {
    const body = rawToken({ alg, typ: 'JWT' }, { sub: 'ann', roles: ['admin'], exp: now() + 60 }).slice(
      0,
      -1,
    );
    const signature = createHmac(`sha${alg.slice(2)}`, rsa.pem)
      .update(body)
      .digest('base64url');
    expect(await refusal(`${body}.${signature}`, { SKILLOS_JWT_PUBLIC_KEY: pems['rsa'] as string })).toMatch(
      /^token_invalid: expected it to be signed with RS256, /,
    );
  });

  test('of another pair verifies nothing', async () => {
    const other = await keyPair('RS256');
    const token = await signToken({}, { alg: 'RS256', key: other.privateKey });
    expect(await refusal(token, { SKILLOS_JWT_PUBLIC_KEY: pems['rsa'] as string })).toBe(
      'token_invalid: its signature does not verify',
    );
  });

  test('can be held to one of its algorithms', async () => {
    const settings = { SKILLOS_JWT_PUBLIC_KEY: pems['rsa'] as string, SKILLOS_JWT_ALGORITHM: 'PS256' };
    expect(await refusal(await signToken({}, { alg: 'RS256', key: rsa.privateKey }), settings)).toBe(
      'token_invalid: expected it to be signed with PS256',
    );
    const eddsa = { SKILLOS_JWT_PUBLIC_KEY: pems['ed'] as string, SKILLOS_JWT_ALGORITHM: 'EdDSA' };
    expect(await refusal(await signToken({}, { alg: 'EdDSA', key: ed.privateKey }), eddsa)).toBe('accepted');
  });

  test('must be one', async () => {
    const weak = await keyPair('RS256', { modulusLength: 2048 });
    const secret = await exportPKCS8(weak.privateKey);
    const cases: readonly (readonly [string, string])[] = [
      [join(folder, 'missing.pem'), 'a file that can be read'],
      [folder, 'a file that can be read'],
      [fileOf('text.pem', 'hello'), 'a public key or certificate in PEM'],
      [fileOf('private.pem', secret), 'a public key, not a private one'],
      [fileOf('x25519.pem', publicPem('x25519')), 'an RSA, Ed25519 or NIST P-256, P-384 or P-521 key'],
      [fileOf('small.pem', publicPem('rsa', 1024)), 'an RSA key of at least 2048 bits'],
    ];
    for (const [file, expected] of cases) {
      expect(await refusal('a.b.c', { SKILLOS_JWT_PUBLIC_KEY: file })).toBe(
        `config_invalid: Invalid SKILLOS_JWT_PUBLIC_KEY: expected ${expected}`,
      );
    }
  });
});

describe('a key set in a file', () => {
  const settingsOf = (name: string, keys: readonly object[]) => ({
    SKILLOS_JWT_JWKS_FILE: fileOf(name, JSON.stringify({ keys })),
  });

  test('verifies by the kid that the token names', async () => {
    const settings = settingsOf('set.json', [
      { ...rsa.jwk, kid: 'old' },
      { ...ec.jwk, kid: 'new', alg: 'ES256', use: 'sig' },
    ]);
    const sign = (pair: KeyPair, kid: string) =>
      signToken({}, { alg: pair.alg, key: pair.privateKey, header: { kid } });
    expect(await refusal(await sign(rsa, 'old'), settings)).toBe('accepted');
    expect(await refusal(await sign(ec, 'new'), settings)).toBe('accepted');
    expect(await refusal(await sign(ed, 'new'), settings)).toBe('token_invalid: no key fits its header');
    expect(await refusal(await sign(ec, 'other'), settings)).toBe('token_invalid: no key fits its header');
  });

  test('needs a kid where several keys would do', async () => {
    const other = await keyPair('RS256');
    const settings = settingsOf('two.json', [rsa.jwk, other.jwk]);
    expect(await refusal(await signToken({}, { alg: 'RS256', key: rsa.privateKey }), settings)).toBe(
      'token_invalid: several keys fit its header: expected a kid',
    );
  });

  test('never lends a secret', async () => {
    const k = Buffer.from(SECRET).toString('base64url');
    const settings = settingsOf('oct.json', [{ kty: 'oct', k, alg: 'HS256', kid: 'x' }]);
    expect(await refusal(await signToken({}, { header: { kid: 'x' } }), settings)).toMatch(
      /^token_invalid: expected it to be signed with RS256, /,
    );
  });

  test('counts as it is now: added keys, removed ones, and none at all', async () => {
    const sign = (kid: string) => signToken({}, { alg: 'RS256', key: rsa.privateKey, header: { kid } });
    const [before, after] = await Promise.all([sign('before'), sign('after')]);
    const settings = settingsOf('rotated.json', [{ ...rsa.jwk, kid: 'before' }]);
    const verifyToken = openTokenVerifier(parseConfig(settings));
    await verifyToken(before);
    settingsOf('rotated.json', [{ ...rsa.jwk, kid: 'after' }]);
    await eventually(() => verifyToken(after));
    await expect(verifyToken(before)).rejects.toMatchObject({ code: 'token_invalid' });
    fileOf('rotated.json', '{');
    await eventually(() =>
      expect(verifyToken(after)).rejects.toMatchObject({
        code: 'keys_unavailable',
        message: 'The file of SKILLOS_JWT_JWKS_FILE is no JSON Web Key Set, or cannot be read',
      }),
    );
    settingsOf('rotated.json', [{ ...rsa.jwk, kid: 'before' }]);
    await verifyToken(before);
  });

  test.each([
    ['{', 'none.json'],
    ['[]', 'list.json'],
    ['{"keys": "x"}', 'keys.json'],
  ])('must be one, and %s is none', async (content, name) => {
    expect(await refusal('a.b.c', { SKILLOS_JWT_JWKS_FILE: fileOf(name, content) })).toBe(
      'config_invalid: Invalid SKILLOS_JWT_JWKS_FILE: expected a JSON Web Key Set',
    );
  });
});

describe('a key set of a server', () => {
  let server: KeyServer;
  let body: () => string;
  let status = 200;

  beforeAll(async () => {
    server = await keyServer((_request, response) => {
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {});
      response.end(body());
    });
  });

  beforeEach(() => {
    status = 200;
    body = () => JSON.stringify({ keys: [{ ...rsa.jwk, kid: 'k1' }] });
  });

  afterAll(() => server.close());

  const token = (kid = 'k1') => signToken({}, { alg: 'RS256', key: rsa.privateKey, header: { kid } });

  test('is fetched once for many tokens', async () => {
    const verifyToken = openTokenVerifier(parseConfig({ SKILLOS_JWT_JWKS_URL: server.url }));
    const before = server.requests();
    for (let i = 0; i < 5; i++) await verifyToken(await token());
    expect(server.requests() - before).toBe(1);
  });

  test('is not fetched again for every unknown kid', async () => {
    const verifyToken = openTokenVerifier(parseConfig({ SKILLOS_JWT_JWKS_URL: server.url }));
    const before = server.requests();
    for (let i = 0; i < 5; i++) {
      await expect(verifyToken(await token(`unknown-${i}`))).rejects.toMatchObject({ code: 'token_invalid' });
    }
    expect(server.requests() - before).toBe(1);
  });

  test.each<[string, () => void]>([
    ['fails', () => (status = 500)],
    ['leads elsewhere', () => (status = 302)],
    ['is no JSON', () => (body = () => '<html>')],
    ['is no key set', () => (body = () => '{"keys": 7}')],
    ['is larger than any', () => (body = () => JSON.stringify({ keys: [], padding: 'x'.repeat(300_000) }))],
  ])('that %s is said to be unavailable', async (_what, breakIt) => {
    breakIt();
    expect(await refusal(await token(), { SKILLOS_JWT_JWKS_URL: server.url })).toBe(
      'keys_unavailable: The keys that verify tokens cannot be fetched or used',
    );
  });

  test('that does not answer is given up after five seconds', async () => {
    const silent = await keyServer(() => undefined);
    const before = Date.now();
    expect(await refusal(await token(), { SKILLOS_JWT_JWKS_URL: silent.url })).toMatch(/^keys_unavailable/);
    expect(Date.now() - before).toBeLessThan(7000);
    await silent.close();
  });
});

describe('the header', () => {
  const claims = () => ({ sub: 'ann', roles: ['admin'], exp: now() + 60 });

  test.each(['none', 'None', 'NONE', 'nOnE'])('with alg %s is refused', async (alg) => {
    expect(await refusal(rawToken({ alg }, claims()))).toBe('token_invalid: expected a signature');
    expect(await refusal(rawToken({ alg }, claims(), 'c2lnbmF0dXJl'))).toBe(
      'token_invalid: expected a signature',
    );
  });

  test.each<[object, string]>([
    [{ kid: '../../../../dev/null' }, 'a kid that is a plain name'],
    [{ kid: 'x\u0000y' }, 'a kid that is a plain name'],
    [{ kid: "' OR 1=1 --" }, 'a kid that is a plain name'],
    [{ kid: 'x'.repeat(257) }, 'a kid that is a plain name'],
    [{ kid: 7 }, 'a kid that is a text'],
    [{ jwk: { kty: 'oct', k: 'AAAA' } }, 'no jwk in its header'],
    [{ jku: 'https://evil.example/keys' }, 'no jku in its header'],
    [{ x5u: 'https://evil.example/cert' }, 'no x5u in its header'],
    [{ x5c: ['AAAA'] }, 'no x5c in its header'],
    [{ crit: ['exp'] }, 'no crit in its header'],
    [{ b64: false }, 'no b64 in its header'],
    [{ typ: 'logout+jwt' }, 'the type JWT or at+jwt'],
  ])('with %j is refused', async (header, expected) => {
    const body = rawToken({ alg: 'HS256', ...header }, claims()).slice(0, -1);
    const signature = createHmac('sha256', SECRET).update(body).digest('base64url');
    expect(await refusal(`${body}.${signature}`)).toBe(`token_invalid: expected ${expected}`);
  });

  test.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('may say typ %s', async (typ) => {
    expect(await refusal(await signToken({}, { header: { typ } }))).toBe('accepted');
  });

  test.each(['k1', 'a/b+c=', 'https://id.example.org/#key'.replace('#', ':')])(
    'may say kid %s',
    async (kid) => {
      expect(await refusal(await signToken({}, { header: { kid } }))).toBe('accepted');
    },
  );

  test('that embeds the key it was signed with is refused', async () => {
    const header = { jwk: { ...rsa.jwk } };
    const token = await signToken({ roles: ['admin'] }, { alg: 'RS256', key: rsa.privateKey, header });
    expect(await refusal(token, { SKILLOS_JWT_PUBLIC_KEY: pems['rsa'] as string })).toBe(
      'token_invalid: expected no jwk in its header',
    );
  });
});

describe('the form', () => {
  test.each([
    ['', 'it is not a signed JWT of three parts'],
    ['hello', 'it is not a signed JWT of three parts'],
    ['a.b', 'it is not a signed JWT of three parts'],
    ['a.b.c.d.e', 'it is not a signed JWT of three parts'],
    ['..', 'it is not a signed JWT of three parts'],
    ['Bearer a.b.c', 'it is not a signed JWT of three parts'],
    ['a.b.c\n', 'it is not a signed JWT of three parts'],
    ['YQ.YQ.YQ', 'its header does not parse'],
    [rawToken('[]', {}, 'x'), 'its header does not parse'],
    [rawToken('null', {}, 'x'), 'its header does not parse'],
    [rawToken({}, {}, 'x'), 'expected a signature'],
    [rawToken({ alg: 7 }, {}, 'x'), 'expected a signature'],
    ['x'.repeat(1024 * 1024), 'it is longer than 8192 bytes'],
  ])('of a token like this is refused: %#', async (token, expected) => {
    expect((await refusal(token)).replace('token_invalid: ', '')).toEqual(expected);
  });

  test('of a megabyte of claims is refused before its signature is looked at', async () => {
    const token = await signToken({ padding: 'x'.repeat(1024 * 1024) });
    expect(await refusal(token)).toBe('token_invalid: it is longer than 8192 bytes');
  });

  test.each([
    ['a payload that is no object', rawToken({ alg: 'HS256' }, '"text"')],
    ['a payload that is no JSON', rawToken({ alg: 'HS256' }, '{')],
  ])('with %s is refused', async (_what, unsigned) => {
    const body = unsigned.slice(0, -1);
    const signature = createHmac('sha256', SECRET).update(body).digest('base64url');
    expect(await refusal(`${body}.${signature}`)).toBe('token_invalid: its parts cannot be decoded');
  });

  test('changed in one character is refused', async () => {
    const [header, , signature] = (await signToken({ role: 'viewer' })).split('.');
    const [, payload] = (await signToken({ role: 'admin' })).split('.');
    expect(await refusal(`${header}.${payload}.${signature}`)).toBe(
      'token_invalid: its signature does not verify',
    );
    expect(await refusal(`${header}.${payload}.`)).toBe('token_invalid: its signature does not verify');
  });
});

describe('the claims', () => {
  const ISSUED: Settings = {
    ...HS,
    SKILLOS_JWT_ISSUER: 'https://id.example.org',
    SKILLOS_JWT_AUDIENCE: 'skillos',
  };
  const iss = 'https://id.example.org';

  test.each<[string, object, string]>([
    ['all in order', { iss, aud: 'skillos' }, 'accepted'],
    ['for several', { iss, aud: ['other', 'skillos'] }, 'accepted'],
    ['of another issuer', { iss: `${iss}/`, aud: 'skillos' }, 'token_invalid: it has another issuer'],
    ['of no issuer', { aud: 'skillos' }, 'token_invalid: expected a claim iss'],
    ['for another', { iss, aud: 'other' }, 'token_invalid: it is for another audience'],
    ['for nobody', { iss }, 'token_invalid: expected a claim aud'],
    ['for a part of the name', { iss, aud: 'skill' }, 'token_invalid: it is for another audience'],
  ])('%s', async (_what, claims, expected) => {
    expect(await refusal(await signToken(claims), ISSUED)).toBe(expected);
  });

  test.each<[string, object, string]>([
    ['expired', { exp: now() - 120 }, 'token_invalid: it has expired'],
    ['expired within the skew', { exp: now() - 30 }, 'accepted'],
    ['not yet valid', { nbf: now() + 120 }, 'token_invalid: it is not valid yet'],
    ['valid within the skew', { nbf: now() + 30 }, 'accepted'],
    ['without exp', { exp: undefined }, 'token_invalid: expected a claim exp'],
    ['issued in the future', { iat: now() + 120 }, 'token_invalid: it was issued in the future'],
    ['issued in the future within the skew', { iat: now() + 30 }, 'accepted'],
    ['with exp past all years', { exp: 1e15 }, 'token_invalid: its claim exp is not a time'],
    ['with exp as a text', { exp: '9999999999' }, 'token_invalid: its claim exp is of the wrong type'],
    ['with nbf as a text', { nbf: 'now' }, 'token_invalid: its claim nbf is of the wrong type'],
  ])('%s', async (_what, claims, expected) => {
    expect(await refusal(await signToken(claims))).toBe(expected);
  });

  test('are no infinite numbers', async () => {
    const body = rawToken({ alg: 'HS256' }, '{"sub":"ann","exp":1e999}').slice(0, -1);
    const signature = createHmac('sha256', SECRET).update(body).digest('base64url');
    expect(await refusal(`${body}.${signature}`)).toBe('token_invalid: its claim exp is not a time');
  });

  test('count to the second where no skew is allowed', async () => {
    const settings = { ...HS, SKILLOS_JWT_CLOCK_SKEW_SECONDS: '0' };
    expect(await refusal(await signToken({ exp: now() - 1 }), settings)).toBe(
      'token_invalid: it has expired',
    );
  });

  test('need not expire where that is allowed, which production does not', async () => {
    const settings = { ...HS, SKILLOS_JWT_REQUIRE_EXP: '0' };
    const token = await signToken({ exp: undefined });
    expect(await refusal(token, settings)).toBe('accepted');
    expect(await refusal(token, { ...settings, SKILLOS_ENV: 'Production' })).toBe(
      'config_invalid: Invalid SKILLOS_JWT_REQUIRE_EXP: expected 1 in production',
    );
  });
});

describe('without a key', () => {
  test('no token is believed, and several sources of keys are none', async () => {
    const token = await signToken();
    expect(await refusal(token, {})).toBe('token_invalid: No key is configured to verify tokens');
    expect(await refusal(token, { ...HS, SKILLOS_JWT_JWKS_URL: 'https://x.example' })).toBe(
      'config_invalid: Invalid SKILLOS_JWT_SECRET and SKILLOS_JWT_JWKS_URL: expected only one of them',
    );
  });
});
