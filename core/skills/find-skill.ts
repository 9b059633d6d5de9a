/** Finds skills by id, with errors for people. */
import type { Finding, SkillEntry } from './catalog.ts';
import { SkillosError } from '../errors/errors.ts';
import { nearest } from '../values/nearest.ts';
import { stepsOf } from '../plans/plan.ts';
import type { RequestedStep, Plan } from '../plans/plan.ts';
import type { Catalogs } from './catalog.ts';
import type { SkillId } from '../values/skill-id.ts';

/**
 * Rejects with `manifest_invalid` if the manifest is invalid, and with `unknown_skill` if there is none; the error
 * suggests the nearest id among the skills for which `mayName` is true.
 */
export async function findSkill(
  catalogs: Catalogs,
  id: SkillId,
  mayName: MayName = () => true,
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
  throw await unknownSkill([...skills.values()], id, mayName);
}

export type MayName = (entry: SkillEntry) => boolean | Promise<boolean>;

/** The error for an id that no skill has, also for the id of a skill that the caller must not learn of. */
export async function unknownSkill(
  skills: readonly SkillEntry[],
  id: SkillId,
  mayName: MayName,
): Promise<SkillosError> {
  const isNamed = await Promise.all(skills.map(async (entry) => mayName(entry)));
  const named = skills.filter((_, index) => isNamed[index]).map((entry) => entry.id);
  const meant = nearest(id, named);
  const hint = meant === undefined ? {} : { hint: `Did you mean: ${meant}` };
  return new SkillosError('unknown_skill', `Unknown skill "${id}"`, hint);
}

/** Returns the place of a finding, such as `metadata/a/b.yaml:3 version:`; the rule replaces a missing field. */
export function placeOf({ file, line, field, rule }: Finding): string {
  return `${file}${line === undefined ? '' : `:${line}`} ${field ?? rule}:`;
}

function isAbout(finding: Finding, id: SkillId): boolean {
  return finding.skill === id || finding.file.startsWith(`metadata/${id}.y`);
}

/** Finds the skills of a plan, the skills of its compositions, and their rollback skills. Omits missing skills. */
export async function findForPlan(
  catalogs: Catalogs,
  plan: Plan<RequestedStep>,
): Promise<readonly SkillEntry[]> {
  const used = await findWithComponents(
    catalogs,
    stepsOf(plan).map((step) => step.skill),
  );
  const known = new Set(used.map(({ id }) => id));
  const undoing = used.flatMap(({ manifest }) => manifest.rollback ?? []).filter((id) => !known.has(id));
  const found = await Promise.all([...new Set(undoing)].map((id) => catalogs.find(id)));
  return [...used, ...found.filter((entry) => entry !== undefined)];
}

/** Finds the named skills and, at any depth, the skills of their compositions, each once. Omits missing skills. */
export async function findWithComponents(
  catalogs: Pick<Catalogs, 'find'>,
  ids: readonly SkillId[],
): Promise<readonly SkillEntry[]> {
  const found: SkillEntry[] = [];
  const requested = new Set(ids);
  for (let wanted = [...requested]; wanted.length > 0;) {
    const entries = await Promise.all(wanted.map((id) => catalogs.find(id)));
    const there = entries.filter((entry) => entry !== undefined);
    const parts = there.flatMap(({ composition }) => composition?.steps.flat() ?? []);
    wanted = [...new Set(parts)].filter((id) => !requested.has(id));
    for (const id of wanted) requested.add(id);
    found.push(...there);
  }
  return found;
}
