/** Skills with what they are made of. */
import type { SkillEntry } from './catalog.ts';
import type { Catalogs } from './ports.ts';
import type { SkillId } from './skill-id.ts';

/** Each once: those named, and where one is a composition, its skills too, however deep. Leaves out what is not there. */
export async function findWithParts(
  catalogs: Pick<Catalogs, 'find'>,
  ids: readonly SkillId[],
): Promise<readonly SkillEntry[]> {
  const found: SkillEntry[] = [];
  const asked = new Set(ids);
  for (let wanted = [...asked]; wanted.length > 0;) {
    const entries = await Promise.all(wanted.map((id) => catalogs.find(id)));
    const there = entries.filter((entry) => entry !== undefined);
    const parts = there.flatMap(({ composition }) => composition?.steps.flat() ?? []);
    wanted = [...new Set(parts)].filter((id) => !asked.has(id));
    for (const id of wanted) asked.add(id);
    found.push(...there);
  }
  return found;
}
