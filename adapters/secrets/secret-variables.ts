/** Tells which variables may hold secrets of a skills root, without loading its catalog. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { secretNames, secretPrefix } from '../../core/connectors/secret-reference.ts';
import { openTriggers } from '../webhooks/trigger-file.ts';
import { connectorSecretUses } from './secret-uses.ts';

/**
 * Connectors and triggers name their secrets. That of a skill begins with the skill's domain, a folder of `metadata/`, unless
 * its key begins with `SKILLOS_`: such keys are not known here. What cannot be read, or a root that cannot be found, has none.
 */
export function secretVariables(root: () => string): (variable: string) => boolean {
  const names = new Set([...readable(() => connectorNames(root())), ...readable(() => triggerNames(root()))]);
  const prefixes = readable(() => readdirSync(path.join(root(), 'metadata'))).map(secretPrefix);
  return (variable) => names.has(variable) || prefixes.some((prefix) => variable.startsWith(prefix));
}

function connectorNames(root: string): readonly string[] {
  return connectorSecretUses(root).flatMap(({ owner, keys }) =>
    keys.flatMap((key) => secretNames(owner, key)),
  );
}

function triggerNames(root: string): readonly string[] {
  return openTriggers(root)().triggers.flatMap(({ secretName }) => secretName ?? []);
}

/** `validate` reports a file that is broken; here it only names no secrets. */
function readable(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
