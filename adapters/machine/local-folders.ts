/** Folders of the user, outside any skills root, by the XDG Base Directory Specification. */
import { homedir } from 'node:os';
import path from 'node:path';
import type { Config, Environment } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { sha256 } from '../../core/values/digest.ts';

/** Folder for data that can be recreated: binaries, indexes. */
export function cacheFolder(config: Pick<Config, 'cacheDir'>, env: Environment): string {
  return path.resolve(config.cacheDir ?? path.join(baseFolder(env['XDG_CACHE_HOME'], '.cache'), 'skillos'));
}

/** Folder for state of local engines: database, addresses and logs. */
function stateFolder(config: Pick<Config, 'stateDir'>, env: Environment): string {
  return path.resolve(
    config.stateDir ?? path.join(baseFolder(env['XDG_STATE_HOME'], '.local/state'), 'skillos'),
  );
}

/** Folder that holds one folder for each local engine of the user. */
export function enginesFolder(config: Pick<Config, 'stateDir'>, env: Environment): string {
  return path.join(stateFolder(config, env), 'engines');
}

/** Folder of the engine of `root`, a real path. */
export function engineFolder(config: Pick<Config, 'stateDir'>, env: Environment, root: string): string {
  return path.join(enginesFolder(config, env), sha256(root).slice(0, 16));
}

/** The specification requires that a relative path is ignored. Throws `config_invalid` if the user has no home. */
function baseFolder(configured: string | undefined, fallback: string): string {
  if (configured !== undefined && path.isAbsolute(configured)) return configured;
  const home = homeFolder();
  if (home !== undefined) return path.join(home, fallback);
  throw new SkillosError('config_invalid', 'Invalid HOME: expected the absolute path of a folder', {
    hint: 'Set HOME, or SKILLOS_CACHE_DIR and SKILLOS_STATE_DIR',
  });
}

/** Returns undefined if neither HOME nor the system's list of users names an absolute path. */
export function homeFolder(): string | undefined {
  try {
    const folder = homedir();
    return path.isAbsolute(folder) ? folder : undefined;
  } catch {
    return undefined; // a container may run under a user id that the system does not list
  }
}
