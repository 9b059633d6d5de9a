/** Whether somebody may run a skill, with all that it is made of. */
import type { SkillEntry } from '../core/catalog.ts';
import { findWithParts } from '../core/find-parts.ts';
import { mayRun } from '../core/permission-policy.ts';
import type { Rights, Ruling } from '../core/permission-policy.ts';
import type { Catalogs } from '../core/ports.ts';

/** Of a composition every part must be allowed; the first that is not decides. */
export async function mayRunWhole(
  catalogs: Pick<Catalogs, 'find'>,
  rights: Rights,
  entry: SkillEntry,
): Promise<Ruling> {
  const own = mayRun(rights, entry);
  if (entry.composition === undefined || !own.isAllowed) return own;
  const parts = await findWithParts(catalogs, entry.composition.steps.flat());
  const rulings = [own, ...parts.map((part) => mayRun(rights, part))];
  const denied = rulings.find(({ isAllowed }) => !isAllowed);
  return denied ?? { isAllowed: true, explain: rulings.flatMap(({ explain }) => explain) };
}
