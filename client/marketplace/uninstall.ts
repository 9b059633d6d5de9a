/** Removes packages. */
import { SkillosError } from '../../core/errors/errors.ts';
import { dependentsOf, unneeded } from '../../core/marketplace/package-lock.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { MarketplacePorts } from './ports.ts';

/**
 * Resolves to the removed ids, sorted. With `prune` the packages that are there for this one alone go too. Rejects with
 * `package_not_installed`, or with `package_needed` if another package depends on it.
 */
export async function uninstallPackage(
  ports: MarketplacePorts,
  actor: Actor,
  { id, prune }: { readonly id: SkillId; readonly prune: boolean },
): Promise<readonly SkillId[]> {
  await authorize(ports, actor, { operation: 'skills:write', skill: id });
  const { packages } = ports;
  return packages.exclusively(async () => {
    const lock = packages.lock();
    if (!lock.has(id)) throw new SkillosError('package_not_installed', `Package "${id}" is not installed`);
    const [dependent] = dependentsOf(lock, id);
    if (dependent !== undefined) {
      throw new SkillosError('package_needed', `Package "${id}" cannot be removed: "${dependent}" needs it`);
    }
    const next = new Map(lock);
    next.delete(id);
    const removed = [id, ...(prune ? unneeded(next) : [])].sort();
    for (const gone of removed) next.delete(gone);
    await packages.apply({ write: [], remove: removed, lock: next });
    for (const gone of removed) {
      const before = { version: lock.get(gone)?.version ?? '' };
      await recordAudit(ports, actor, { action: 'package_removed', skill: gone, before });
    }
    return removed;
  });
}
