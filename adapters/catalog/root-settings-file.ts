/** Reads `settings.env` of a skills root. */
import path from 'node:path';
import { parseEnv } from 'node:util';
import { SkillosError } from '../../core/errors/errors.ts';
import { overRootSettings, parseConfig } from '../../core/settings/config.ts';
import type { Config, Environment } from '../../core/settings/config.ts';
import { SETTINGS_FILE, checkRootSettings } from '../../core/settings/root-settings.ts';
import { readTextFile } from '../files/text-file.ts';

const MAX_BYTES = 64 * 1024;

/** Reads the settings of the environment, over those of the root. Throws as `parseConfig` and `readRootSettings` do. */
export function parseRootConfig(env: Environment, root: string): Config {
  return parseConfig(overRootSettings(env, readRootSettings(root)));
}

/** Returns no settings if the file is missing. Throws `config_invalid` as `checkRootSettings` does, and for an unreadable file. */
export function readRootSettings(root: string): Environment {
  const text = readTextFile(path.join(root, SETTINGS_FILE), MAX_BYTES);
  if (typeof text === 'string') return checkRootSettings(parseEnv(text));
  if (text.problem === undefined) return {};
  throw new SkillosError('config_invalid', `File ${SETTINGS_FILE} of the skills root ${text.problem}`);
}
