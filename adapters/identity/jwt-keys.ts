/** Loads the keys that verify tokens, with the algorithms that each key allows. */
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, customFetch } from 'jose';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Config } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import { fetchJwks } from './jwks-fetch.ts';

export interface VerificationKeys {
  readonly getKey: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

type KeySettings = Pick<Config, 'jwtSecret' | 'jwtPublicKey' | 'jwtJwksFile' | 'jwtJwksUrl' | 'jwtAlgorithm'>;

const HMAC = ['HS256', 'HS384', 'HS512'];
const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const EDDSA = ['EdDSA', 'Ed25519'];
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};
const PUBLIC = [...RSA, ...Object.values(CURVES), ...EDDSA];

const MIN_RSA_BITS = 2048;
const FETCH_TIMEOUT_MS = 5000;
const COOLDOWN_MS = 30_000;
const CACHE_MS = 600_000;
const REREAD_MS = 1_000;

/** Loads the configured key; resolves to undefined without one. Rejects with `config_invalid` for several sources or an unfit key. */
export async function loadVerificationKeys(settings: KeySettings): Promise<VerificationKeys | undefined> {
  const { jwtSecret, jwtPublicKey, jwtJwksFile, jwtJwksUrl, jwtAlgorithm } = settings;
  const sources = (['jwtSecret', 'jwtPublicKey', 'jwtJwksFile', 'jwtJwksUrl'] as const).filter(
    (name) => settings[name] !== undefined,
  );
  if (sources.length > 1) {
    const names = sources.map((name) => SETTINGS[name].variable).join(' and ');
    throw new SkillosError('config_invalid', `Invalid ${names}: expected only one of them`);
  }
  if (jwtSecret !== undefined) {
    const secret = new TextEncoder().encode(jwtSecret);
    return { getKey: async () => secret, algorithms: pinned(HMAC, jwtAlgorithm ?? 'HS256') };
  }
  if (jwtPublicKey !== undefined) {
    const key = await readPublicKey(jwtPublicKey);
    return { getKey: async () => key, algorithms: pinned(algorithmsOf(key), jwtAlgorithm) };
  }
  if (jwtJwksFile !== undefined) {
    return { getKey: await openKeySetFile(jwtJwksFile), algorithms: pinned(PUBLIC, jwtAlgorithm) };
  }
  if (jwtJwksUrl === undefined) return undefined;
  const getKey = createRemoteJWKSet(new URL(jwtJwksUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: CACHE_MS,
    [customFetch]: fetchJwks,
  });
  return { getKey, algorithms: pinned(PUBLIC, jwtAlgorithm) };
}

/** The kind of key determines the allowed algorithms; the setting can only select one of them. */
function pinned(fitting: readonly string[], chosen: string | undefined): readonly string[] {
  if (chosen === undefined) return fitting;
  if (!fitting.includes(chosen)) throw unfit('jwtAlgorithm', `${fitting.join(', ')} for this kind of key`);
  return chosen === 'EdDSA' ? EDDSA : [chosen];
}

async function readPublicKey(file: string): Promise<KeyObject> {
  const pem = await readKeyFile(file, 'jwtPublicKey');
  if (pem.includes('PRIVATE KEY')) throw unfit('jwtPublicKey', 'a public key, not a private one');
  try {
    return createPublicKey(pem);
  } catch {
    throw unfit('jwtPublicKey', 'a public key or certificate in PEM');
  }
}

function algorithmsOf({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): readonly string[] {
  if (type === 'rsa') {
    if ((details?.modulusLength ?? 0) >= MIN_RSA_BITS) return RSA;
    throw unfit('jwtPublicKey', `an RSA key of at least ${MIN_RSA_BITS} bits`);
  }
  const curve = CURVES[details?.namedCurve ?? ''];
  if (type === 'ec' && curve !== undefined) return [curve];
  if (type === 'ed25519') return EDDSA;
  throw unfit('jwtPublicKey', 'an RSA, Ed25519 or NIST P-256, P-384 or P-521 key');
}

/**
 * Reads the file again for a token that comes more than a second after the last reading, so that added and removed keys
 * count. While the file cannot be used, tokens are refused with `keys_unavailable`.
 */
async function openKeySetFile(file: string): Promise<JWTVerifyGetKey> {
  let text = await readKeyFile(file, 'jwtJwksFile');
  let keys = keySetOf(text);
  let readAt = performance.now();
  const readAgain = async (): Promise<void> => {
    const begunAt = performance.now();
    const found = await readKeyFile(file, 'jwtJwksFile');
    if (found !== text) keys = keySetOf(found);
    text = found;
    readAt = begunAt;
  };
  return async (header, token) => {
    if (performance.now() - readAt > REREAD_MS) await readAgain().catch(keysGone);
    return keys(header, token);
  };
}

function keySetOf(text: string): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet); // jose checks its shape
  } catch {
    throw unfit('jwtJwksFile', 'a JSON Web Key Set');
  }
}

function keysGone(cause: unknown): never {
  const { variable } = SETTINGS.jwtJwksFile;
  throw new SkillosError(
    'keys_unavailable',
    `The file of ${variable} is no JSON Web Key Set, or cannot be read`,
    {
      hint: `Correct the file of ${variable}; it is read again for the next token`,
      cause,
    },
  );
}

async function readKeyFile(file: string, setting: 'jwtPublicKey' | 'jwtJwksFile'): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw unfit(setting, 'a file that can be read');
  }
}

function unfit(setting: 'jwtPublicKey' | 'jwtJwksFile' | 'jwtAlgorithm', expected: string): SkillosError {
  const { variable } = SETTINGS[setting];
  return new SkillosError('config_invalid', `Invalid ${variable}: expected ${expected}`, {
    details: { variable, expected },
    hint: 'skillos config',
  });
}
