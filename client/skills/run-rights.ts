/** Decides if a caller may run a skill and all skills that it is composed of. */
import type { SkillEntry } from '../../core/skills/catalog.ts';
import { findWithComponents } from '../../core/skills/find-skill.ts';
import { mayRun, mayRunAll } from '../../core/rights/permission-policy.ts';
import type { Rights, Ruling } from '../../core/rights/permission-policy.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';

/** Returns the ruling on the skill, or the first denial among the skills of a composition. */
export async function mayRunWhole(
  catalogs: Pick<Catalogs, 'find'>,
  rights: Rights,
  entry: SkillEntry,
): Promise<Ruling> {
  const own = mayRun(rights, entry);
  if (entry.composition === undefined || !own.isAllowed) return own;
  const parts = await findWithComponents(catalogs, entry.composition.steps.flat());
  return mayRunAll(rights, [entry, ...parts]);
}
