/** Tells which variables may hold secrets of a skills root, without loading its catalog. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { secretKeysIn, secretNames, secretPrefix } from '../../core/connectors/secret-reference.ts';
import type { JsonObject } from '../../core/json.ts';
import { openConnectorFiles } from '../connectors/connector-files.ts';
import { openTriggers } from '../webhooks/trigger-file.ts';

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
  return [...openConnectorFiles(root)().specs.values()].flatMap(
    (spec) => secretKeysIn(spec as unknown as JsonObject).flatMap((key) => secretNames(spec.id, key)), // plain JSON by its type
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
