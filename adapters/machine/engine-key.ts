/**
 * The server key of a local engine: random, and readable by its user only. Commands and the API sign with it, and the worker
 * verifies with it, so that whoever else reaches the Temporal server can start, decide and control nothing.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import { SETTINGS } from '../../core/settings/settings.ts';
import { isTemporalConfigured } from '../../core/settings/temporal-variables.ts';
import { isErrno, storageError } from '../files/files.ts';
import { engineFolder } from './local-folders.ts';

/** 32 random bytes as base64url. */
const KEY = /^[A-Za-z0-9_-]{43}$/;
const OTHERS = 0o077;

const NAME = 'server.key';
type KeySettings = Pick<Config, 'serverKey' | 'production' | 'stateDir' | 'root'>;

/**
 * Returns a function that reads the server key: the setting, otherwise the key of the local engine, which it makes if there
 * is none. Returns undefined if a Temporal server is configured and the setting is not.
 */
export function serverKeyOf(config: KeySettings, env: Environment): (() => string) | undefined {
  const { serverKey } = config;
  if (serverKey !== undefined) return () => serverKey;
  if (config.production || isTemporalConfigured(env)) return undefined;
  let known: string | undefined;
  return () => (known ??= engineKey(folderOf(config, env)));
}

/** Returns the server key if there is one, and makes none. */
export function knownServerKey(config: KeySettings, env: Environment): string | undefined {
  const isLocal = config.serverKey === undefined && !config.production && !isTemporalConfigured(env);
  return isLocal ? readKey(folderOf(config, env)) : config.serverKey;
}

/** Returns the environment with the key of the engine, unless it names a server key itself. */
export function withEngineKey<Value extends string | undefined>(
  env: Readonly<Record<string, Value>>,
  folder: string,
): Record<string, Value | string> {
  const { variable } = SETTINGS.serverKey;
  return env[variable] ? env : { ...env, [variable]: engineKey(folder) };
}

/** Returns the key in the engine's folder, and makes it if there is none; processes that do so at the same time make one. */
export function engineKey(folder: string): string {
  return readKey(folder) ?? makeKey(folder);
}

/** True if the engine has a key. */
export function hasEngineKey(folder: string): boolean {
  return existsSync(path.join(folder, NAME));
}

function folderOf(config: KeySettings, env: Environment): string {
  return engineFolder(config, env, realpathSync(config.root));
}

function makeKey(folder: string): string {
  const file = path.join(folder, NAME);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temp = `${file}.${randomBytes(8).toString('hex')}`;
  writeFileSync(temp, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true });
  try {
    linkSync(temp, file); // never replaces a key, and never shows an unfinished one
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(temp, { force: true });
  }
  return readKey(folder) ?? makeKey(folder);
}

/**
 * Returns undefined if there is no file. Throws `state_corrupt` for a key that is damaged, a link or readable by others, and
 * as `storageError` does.
 */
function readKey(folder: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path.join(folder, NAME), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (isErrno(error, 'ELOOP')) throw unusable('it is a symbolic link', error);
    throw storageError(`Cannot open the key "${NAME}" of the local engine`, error);
  }
  try {
    if ((fstatSync(fd).mode & OTHERS) !== 0) throw unusable('other users may read it');
    const key = readFileSync(fd, 'utf8').trim();
    if (!KEY.test(key)) throw unusable('it is damaged');
    return key;
  } finally {
    closeSync(fd);
  }
}

function unusable(reason: string, cause?: unknown): SkillosError {
  return new SkillosError('state_corrupt', `The key "${NAME}" of the local engine is refused: ${reason}`, {
    hint: 'Stop the engine with skillos dev stop, remove the file from its folder, and start runs in flight again',
    cause,
  });
}
