/** Finds variables that look like settings and are none. */
import { nearest } from '../values/nearest.ts';
import { SETTINGS } from './settings.ts';

interface UnknownSetting {
  readonly variable: string;
  /** The setting with a similar name, if there is one. */
  readonly meant: string | undefined;
}

const PREFIX = 'SKILLOS_';
const KNOWN: readonly string[] = Object.values(SETTINGS).map(({ variable }) => variable.slice(PREFIX.length));

/** Returns the variables with our prefix that are no settings. Secrets of connectors and skills may be among them. */
export function unknownSettings(variables: readonly string[]): readonly UnknownSetting[] {
  return variables.flatMap((variable) => {
    const name = variable.slice(PREFIX.length);
    if (!variable.startsWith(PREFIX) || name === '' || KNOWN.includes(name)) return [];
    const meant = nearest(name, KNOWN);
    return [{ variable, meant: meant && `${PREFIX}${meant}` }];
  });
}
