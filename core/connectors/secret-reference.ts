/** References to secrets in definitions, `secret:KEY`, and the names under which their values are looked up. */
import type { JsonValue } from '../json.ts';
import { isReservedName } from '../settings/reserved-names.ts';

const PREFIX = 'secret:';
const OWN_PREFIX = 'SKILLOS_';

/** Returns the key of a reference, or undefined if the text is not one; `secret:` without a key is a reference to ''. */
export function secretKeyOf(text: string): string | undefined {
  return text.startsWith(PREFIX) ? text.slice(PREFIX.length).trim() : undefined;
}

/** Returns the keys of all references in a definition, sorted, each once. */
export function secretKeysIn(definition: JsonValue): readonly string[] {
  const keys = new Set<string>();
  const visit = (value: JsonValue): void => {
    const key = typeof value === 'string' ? secretKeyOf(value) : undefined;
    if (key) keys.add(key);
    if (value !== null && typeof value === 'object') Object.values(value).forEach(visit);
  };
  visit(definition);
  return [...keys].sort();
}

/**
 * Returns the names under which the secret `key` of `owner` is looked up, the first one first. `owner` is the id of a
 * connector or of a skill: `travel/search` and `API_KEY` give `SKILLOS_TRAVEL_SEARCH_API_KEY`, then `API_KEY`. Names of
 * settings are left out.
 */
export function secretNames(owner: string, key: string): readonly string[] {
  const own = `${secretPrefix(owner)}${variablePart(key)}`;
  const names = key.startsWith(OWN_PREFIX) ? [key] : [own, key];
  return names.filter((name) => !isReservedName(name));
}

/** Returns how the variables begin that hold secrets of the connector, the skill, or of all skills of a domain. */
export function secretPrefix(owner: string): string {
  return `${OWN_PREFIX}${variablePart(owner)}_`;
}

function variablePart(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}

/** The name that holds a secret, and its value. */
export interface FoundSecret {
  readonly name: string;
  readonly value: string;
}

/** Returns the first of the names that has a value. */
export function findSecret(
  { owner, key }: { readonly owner: string; readonly key: string },
  lookup: (name: string) => string | undefined,
): FoundSecret | undefined {
  for (const name of secretNames(owner, key)) {
    const value = lookup(name);
    if (value) return { name, value };
  }
  return undefined;
}
