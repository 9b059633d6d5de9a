/** Resolves the secrets that skills declare. */
import { findSecret } from '../../core/connectors/secret-reference.ts';
import type { SkillSecrets } from '../../core/runs/skill-host.ts';
import { openSecrets } from './secrets.ts';
import type { SecretSource } from './secrets.ts';

/** The function returned takes the id of a skill and keys; it looks them up at each call. */
export function openSkillSecrets(
  source: SecretSource,
): (skill: string, keys: readonly string[]) => SkillSecrets {
  const lookup = openSecrets(source);
  return (owner, keys) =>
    Object.fromEntries(keys.map((key) => [key, findSecret({ owner, key }, lookup)?.value ?? null]));
}
