/** Lists the secrets that the connectors and the skills of a root use. */
import type { SecretUse } from '../../core/connectors/secret-check.ts';
import { secretKeysIn } from '../../core/connectors/secret-reference.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Catalog } from '../../core/skills/catalog.ts';
import { openConnectorFiles } from '../connectors/connector-files.ts';

/**
 * Sorted by owner and key; connectors whose definition is not valid are left out. With `only`, those of one; rejects if there
 * is no such connector or skill.
 */
export async function secretUses(
  root: string,
  catalog: Catalog,
  only?: Pick<SecretUse, 'kind' | 'owner'>,
): Promise<readonly SecretUse[]> {
  const skills = [...catalog.skills.values()].map(({ id, manifest }) => ({
    kind: 'skill' as const,
    owner: id,
    keys: [...new Set(manifest.secrets)].sort(),
  }));
  const owners = [...skills, ...connectorSecretUses(root)].filter(
    ({ kind, owner }) => only === undefined || (kind === only.kind && owner === only.owner),
  );
  if (only !== undefined && owners.length === 0) throw unknown(only);
  return owners
    .flatMap(({ kind, owner, keys }) => keys.map((key) => ({ kind, owner, key })))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1));
}

/** Of connectors whose definition is valid. */
export function connectorSecretUses(root: string) {
  return [...openConnectorFiles(root)().specs.values()].map((spec) => ({
    kind: 'connector' as const,
    owner: spec.id,
    keys: secretKeysIn(spec as unknown as JsonObject), // plain JSON by its type
  }));
}

function unknown({ kind, owner }: Pick<SecretUse, 'kind' | 'owner'>): SkillosError {
  return kind === 'skill'
    ? new SkillosError('unknown_skill', `Unknown skill ${JSON.stringify(owner)}`)
    : new SkillosError('unknown_connector', `Unknown connector ${JSON.stringify(owner)}`);
}
