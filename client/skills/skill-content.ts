/** Reads the content of a skill or composition: its plan with the hash of each skill's code. */
import { SkillosError } from '../../core/errors/errors.ts';
import { expand } from '../../core/skills/expand.ts';
import { findWithComponents } from '../../core/skills/find-skill.ts';
import { findSkill } from '../../core/skills/find-skill.ts';
import { mapPlan, stepsOf } from '../../core/plans/plan.ts';
import type { SkillCode } from '../../core/runs/skill-host.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { contentDigest } from '../../core/testing/skill-test.ts';
import type { CodedSkill, SkillContent } from '../../core/testing/skill-test.ts';
import type { SkillId } from '../../core/values/skill-id.ts';

export interface ContentPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
}

/** Reads inactive compositions too. Rejects as `findSkill` and `freeze` do, and for a composition that cannot be expanded. */
export async function readContent({ catalogs, code }: ContentPorts, id: SkillId): Promise<SkillContent> {
  const entry = await findSkill(catalogs, id);
  const found = await findWithComponents(catalogs, [id]);
  const entries = new Map(found.map((each) => [each.id, each]));
  const { plan: expanded, failure } = expand({ kind: 'step', step: { skill: id } }, entries, {
    allowsInactive: true,
  });
  if (failure !== undefined) throw new SkillosError(failure.code, failure.message);
  const used = await Promise.all(
    [...new Set(stepsOf(expanded).map(({ skill }) => skill))].map((skill) => findSkill(catalogs, skill)),
  );
  const hashes = await Promise.all(used.map((each) => code.freeze(each)));
  const coded = new Map(
    used.map((each, index): [SkillId, CodedSkill] => [
      each.id,
      { skill: each.id, hash: hashes[index] as string, entry: each },
    ]),
  );
  const plan = mapPlan(expanded, ({ skill }) => coded.get(skill) as CodedSkill);
  return { entry, plan, digest: contentDigest(plan) };
}
