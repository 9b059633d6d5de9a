/** Compares the secrets that skills and connectors use with those that are set. */
import type { JsonObject } from '../json.ts';
import { findSecret, secretNames } from './secret-reference.ts';
import { isSecretName } from './secrets-file.ts';

/** A secret that a skill declares or a connector refers to. */
export interface SecretUse {
  readonly kind: 'connector' | 'skill';
  /** Id of the connector or the skill. */
  readonly owner: string;
  readonly key: string;
}

export interface SecretState extends SecretUse {
  /** Names under which it is looked up, the first one first. */
  readonly names: readonly string[];
  /** The name that holds it; absent if none does. */
  readonly found?: string;
  readonly source?: 'environment' | 'file';
}

export interface SecretSources {
  readonly environment: (name: string) => string | undefined;
  readonly file: (name: string) => string | undefined;
}

export function checkSecret(use: SecretUse, { environment, file }: SecretSources): SecretState {
  const names = secretNames(use.owner, use.key);
  const name = findSecret(use, (each) => environment(each) || file(each))?.name;
  if (name === undefined) return { ...use, names };
  return { ...use, names, found: name, source: environment(name) ? 'environment' : 'file' };
}

/** Returns the ids of all that look the name up, sorted, each once. */
export function usersOf(name: string, uses: readonly SecretUse[]): readonly string[] {
  const users = uses.filter(({ owner, key }) => secretNames(owner, key).includes(name));
  return [...new Set(users.map(({ owner }) => owner))].sort();
}

/**
 * Returns the name under which a secret is written to the file: its key, or the longer name if the key cannot stand there, if
 * others use the key too, or if the file has the longer name already, which is looked up first. `uses` are those of all.
 */
export function nameToStore(
  { owner, key }: SecretUse,
  { uses, stored }: { readonly uses: readonly SecretUse[]; readonly stored: readonly string[] },
): string {
  const names = secretNames(owner, key).filter(isSecretName);
  const [own = key] = names;
  const isOwn = usersOf(key, uses).length > 1 || stored.includes(own);
  return isOwn ? own : (names.at(-1) ?? own);
}

/** The document of `skillos secrets check`; it holds names only. */
export function secretsDocument(
  states: readonly SecretState[],
  problem: string | undefined,
): JsonObject & { readonly schema: string; readonly valid: boolean } {
  return {
    schema: 'skillos.secrets.check/v1',
    valid: problem === undefined && states.every(({ found }) => found !== undefined),
    ...(problem === undefined ? {} : { problem }),
    items: states.map(({ kind, owner, key, names, found, source }) => ({
      kind,
      id: owner,
      key,
      names,
      ...(found === undefined ? {} : { found }),
      ...(source === undefined ? {} : { source }),
    })),
  };
}
