/** Where SkillOS keeps what belongs to a user of this machine and not to a skills root. */
import { homedir } from 'node:os';
import path from 'node:path';
import type { Config, Environment } from '../core/config.ts';

/** What can be had again: binaries, indexes. */
export function cacheFolder(config: Pick<Config, 'cacheDir'>, env: Environment): string {
  return path.resolve(config.cacheDir ?? path.join(baseFolder(env['XDG_CACHE_HOME'], '.cache'), 'skillos'));
}

/** What a local engine must find again: its database, addresses and logs. */
export function stateFolder(config: Pick<Config, 'stateDir'>, env: Environment): string {
  return path.resolve(
    config.stateDir ?? path.join(baseFolder(env['XDG_STATE_HOME'], '.local/state'), 'skillos'),
  );
}

/** The XDG rule: a relative path there is ignored. */
function baseFolder(configured: string | undefined, fallback: string): string {
  return configured !== undefined && path.isAbsolute(configured)
    ? configured
    : path.join(homedir(), fallback);
}
