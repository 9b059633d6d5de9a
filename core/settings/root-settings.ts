/** Settings from `settings.env` of a skills root, below the environment and above the defaults. */
import { SkillosError } from '../errors/errors.ts';
import { nearest } from '../values/nearest.ts';
import type { Environment } from './config.ts';
import type { Setting } from './setting.ts';
import { SETTINGS } from './settings.ts';

export const SETTINGS_FILE = 'settings.env';

const ENTRIES: readonly Setting<unknown>[] = Object.values(SETTINGS);

/**
 * Returns the values if each is a setting that a root may set, otherwise throws `config_invalid`. Names of programs, folders,
 * addresses and keys are refused: whoever can write to a root must not steer the processes that use it.
 */
export function checkRootSettings(values: Environment): Environment {
  for (const [variable, value] of Object.entries(values)) {
    const entry = ENTRIES.find((known) => known.variable === variable);
    if (entry === undefined) throw unknownSetting(variable);
    if (!entry.perRoot) {
      throw refused(`${variable} is not allowed in ${SETTINGS_FILE}`, 'Set it in the environment');
    }
    const only = entry.perRoot === true ? undefined : entry.perRoot;
    if (value && (only === undefined ? !entry.schema.safeParse(value).success : value !== only)) {
      const expected = only ?? entry.expected;
      throw refused(`Invalid ${variable} in ${SETTINGS_FILE}: expected ${expected}`, 'skillos config');
    }
  }
  return values;
}

function unknownSetting(variable: string): SkillosError {
  const meant = nearest(
    variable,
    ENTRIES.filter(({ perRoot }) => perRoot).map((entry) => entry.variable),
  );
  const hint = meant === undefined ? 'skillos config' : `Did you mean: ${meant}`;
  return refused(`Unknown setting ${JSON.stringify(variable.slice(0, 80))} in ${SETTINGS_FILE}`, hint);
}

function refused(message: string, hint: string): SkillosError {
  return new SkillosError('config_invalid', message, { hint });
}
