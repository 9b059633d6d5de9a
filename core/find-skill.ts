/** The skills a caller named, or the reason why one is not there. */
import type { Finding, SkillEntry } from './catalog.ts';
import { SkillosError } from './errors.ts';
import { findWithParts } from './find-parts.ts';
import { nearest } from './nearest.ts';
import { stepsOf } from './plan.ts';
import type { AskedStep, Plan } from './plan.ts';
import type { Catalogs } from './ports.ts';
import type { SkillId } from './skill-id.ts';

/**
 * Rejects with `manifest_invalid` where its file is broken, and with `unknown_skill` where there is none; the nearest
 * that `mayName` allows is suggested then.
 */
export async function findSkill(
  catalogs: Catalogs,
  id: SkillId,
  mayName: (entry: SkillEntry) => boolean = () => true,
): Promise<SkillEntry> {
  const entry = await catalogs.find(id);
  if (entry !== undefined) return entry;
  const { skills, findings } = await catalogs.load();
  const broken = findings.find((finding) => finding.severity === 'error' && isAbout(finding, id));
  if (broken !== undefined) {
    throw new SkillosError(
      'manifest_invalid',
      `Skill "${id}" does not load: ${placeOf(broken)} ${broken.message}`,
    );
  }
  const named = [...skills.values()].filter(mayName).map((entry) => entry.id);
  const meant = nearest(id, named);
  throw new SkillosError(
    'unknown_skill',
    `Unknown skill "${id}"`,
    meant === undefined ? {} : { hint: `Did you mean: ${meant}` },
  );
}

/** `metadata/a/b.yaml:3 version:`, as far as each part is known; a rule stands where no field is to blame. */
export function placeOf({ file, line, field, rule }: Finding): string {
  return `${file}${line === undefined ? '' : `:${line}`} ${field ?? rule}:`;
}

function isAbout(finding: Finding, id: SkillId): boolean {
  return finding.skill === id || finding.file.startsWith(`metadata/${id}.y`);
}

/** What a plan needs of the catalog: its skills, what they are made of, and those that would undo them. Leaves out what is not there. */
export async function findUsed(catalogs: Catalogs, plan: Plan<AskedStep>): Promise<readonly SkillEntry[]> {
  const used = await findWithParts(
    catalogs,
    stepsOf(plan).map((step) => step.skill),
  );
  const known = new Set(used.map(({ id }) => id));
  const undoing = used.flatMap(({ manifest }) => manifest.rollback ?? []).filter((id) => !known.has(id));
  const found = await Promise.all([...new Set(undoing)].map((id) => catalogs.find(id)));
  return [...used, ...found.filter((entry) => entry !== undefined)];
}
