/** Who calls a command: the holder of a token, else the person at this machine. */
import { readFile, stat } from 'node:fs/promises';
import { loginName } from '../adapters/login-name.ts';
import type { Config } from '../core/config.ts';
import { SkillosError } from '../core/errors.ts';
import { callerOf, localCaller } from '../core/principal.ts';
import type { Caller } from '../core/principal.ts';

export interface GivenIdentity {
  /** A token, or `@file`. */
  readonly jwt: string | undefined;
  readonly role: string | undefined;
}

const MAX_TOKEN_FILE_BYTES = 64 * 1024;

/** Verifying is loaded by need. Rejects as `VerifyToken` and `callerOf` do. */
export async function identify(given: GivenIdentity, config: Config): Promise<Caller> {
  const asked = { role: given.role, tenant: config.tenant };
  const token = await readToken(given.jwt ?? config.jwtToken);
  if (token === undefined) return localCaller(loginName(), asked);
  const { openTokenVerifier } = await import('../adapters/jwt.ts');
  return callerOf(await openTokenVerifier(config)(token), asked);
}

/** The token itself, where `@file` names a file that holds it. */
export async function readToken(given: string | undefined): Promise<string | undefined> {
  if (!given?.startsWith('@')) return given;
  const file = given.slice(1);
  try {
    const found = await stat(file);
    if (found.isFile() && found.size <= MAX_TOKEN_FILE_BYTES) return (await readFile(file, 'utf8')).trim();
  } catch {
    // Said below, whatever it was.
  }
  throw new SkillosError('input_unreadable', `Cannot read token file ${JSON.stringify(file)}`);
}
