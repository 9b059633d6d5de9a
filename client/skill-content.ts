/** What a skill, or a composition, would run: its plan with the hash of every code in it. */
import { SkillosError } from '../core/errors.ts';
import { expand } from '../core/expand.ts';
import { findWithParts } from '../core/find-parts.ts';
import { findSkill } from '../core/find-skill.ts';
import { mapPlan, stepsOf } from '../core/plan.ts';
import type { Catalogs, SkillCode } from '../core/ports.ts';
import { contentDigest } from '../core/skill-test.ts';
import type { CodedSkill, SkillContent } from '../core/skill-test.ts';
import type { SkillId } from '../core/skill-id.ts';

export interface ContentPorts {
  readonly catalogs: Catalogs;
  readonly code: SkillCode;
}

/** Active or not. Rejects as `findSkill` and `freeze` do, and for a composition that cannot be expanded. */
export async function readContent({ catalogs, code }: ContentPorts, id: SkillId): Promise<SkillContent> {
  const entry = await findSkill(catalogs, id);
  const found = await findWithParts(catalogs, [id]);
  const entries = new Map(found.map((each) => [each.id, each]));
  const { plan: asked, failure } = expand({ kind: 'step', step: { skill: id } }, entries, {
    allowsInactive: true,
  });
  if (failure !== undefined) throw new SkillosError(failure.code, failure.message);
  const used = await Promise.all(
    [...new Set(stepsOf(asked).map(({ skill }) => skill))].map((skill) => findSkill(catalogs, skill)),
  );
  const hashes = await Promise.all(used.map((each) => code.freeze(each)));
  const coded = new Map(
    used.map((each, index): [SkillId, CodedSkill] => [
      each.id,
      { skill: each.id, hash: hashes[index] as string, entry: each },
    ]),
  );
  const plan = mapPlan(asked, ({ skill }) => coded.get(skill) as CodedSkill);
  return { entry, plan, digest: contentDigest(plan) };
}
