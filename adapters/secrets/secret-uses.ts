/** Lists the secrets that the connectors and the skills of a root use. */
import type { SecretUse } from '../../core/connectors/secret-check.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Catalog } from '../../core/skills/catalog.ts';

/** Sorted by owner and key. With `only`, those of one; rejects if there is no such connector or skill. */
export async function secretUses(
  _root: string,
  catalog: Catalog,
  only?: Pick<SecretUse, 'kind' | 'owner'>,
): Promise<readonly SecretUse[]> {
  const skills = [...catalog.skills.values()].map(({ id, manifest }) => ({
    kind: 'skill' as const,
    owner: id,
    keys: manifest.secrets,
  }));
  const owners = skills.filter(
    ({ kind, owner }) => only === undefined || (kind === only.kind && owner === only.owner),
  );
  if (only !== undefined && owners.length === 0) throw unknown(only);
  return owners
    .flatMap(({ kind, owner, keys }) => [...new Set(keys)].sort().map((key) => ({ kind, owner, key })))
    .sort((a, b) => (a.owner < b.owner ? -1 : 1));
}

function unknown({ kind, owner }: Pick<SecretUse, 'kind' | 'owner'>): SkillosError {
  return kind === 'skill'
    ? new SkillosError('unknown_skill', `Unknown skill ${JSON.stringify(owner)}`)
    : new SkillosError('usage', `Unknown connector ${JSON.stringify(owner)}`);
}
