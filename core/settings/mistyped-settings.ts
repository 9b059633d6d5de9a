/** Finds mistyped names of settings, which would have no effect. */
import { distance } from 'fastest-levenshtein';
import { nearest } from '../values/nearest.ts';
import { SETTINGS } from './settings.ts';

interface MistypedSetting {
  readonly variable: string;
  readonly meant: string;
}

const PREFIX = 'SKILLOS_';
/** Maximum number of typos: names of connectors' secrets resemble settings. */
const MOST_TYPOS = 2;
const KNOWN: readonly string[] = Object.values(SETTINGS).map(({ variable }) => variable.slice(PREFIX.length));

/** Returns the variables that resemble a setting. A name unlike all of ours may belong to a skill. */
export function mistypedSettings(variables: readonly string[]): readonly MistypedSetting[] {
  return variables.flatMap((variable) => {
    const name = variable.slice(PREFIX.length);
    if (!variable.startsWith(PREFIX) || KNOWN.includes(name)) return [];
    const meant = nearest(name, KNOWN);
    return meant === undefined || distance(name, meant) > MOST_TYPOS
      ? []
      : [{ variable, meant: `${PREFIX}${meant}` }];
  });
}
