/** Steps as people type them: each text is a step or a group, `a/x` or `b/y|c/z`. */
import { SkillosError } from './errors.ts';
import { MAX_STEPS } from './plan.ts';
import type { AskedStep, Plan } from './plan.ts';
import { parseSkillId } from './skill-id.ts';

/** A comma does what the pipe does, where a shell would eat that. */
const GROUP_SEPARATOR = /[|,]/;

/**
 * One text after another as a sequence, the members of each in parallel. Throws `pipeline_steps_required` where a step or
 * a member is missing, `plan_too_large` and `invalid_skill_id`.
 */
export function parseSteps(texts: readonly string[]): Plan<AskedStep> {
  if (texts.length === 0) {
    throw new SkillosError('pipeline_steps_required', 'Expected at least one step, got none');
  }
  const groups = texts.map((text) => text.split(GROUP_SEPARATOR).map((member) => member.trim()));
  const count = groups.reduce((sum, members) => sum + members.length, 0);
  if (count > MAX_STEPS) {
    throw new SkillosError('plan_too_large', `Plan of ${count} steps: expected at most ${MAX_STEPS}`);
  }
  return inOrder(groups.map((members, index) => groupOf(members, texts[index] as string)));
}

/** A sequence; one plan alone is itself. */
export function inOrder<Step>(plans: readonly Plan<Step>[]): Plan<Step> {
  return joined('sequence', plans);
}

/** A group; one plan alone is itself. */
export function atOnce<Step>(plans: readonly Plan<Step>[]): Plan<Step> {
  return joined('parallel', plans);
}

function joined<Step>(kind: 'sequence' | 'parallel', plans: readonly Plan<Step>[]): Plan<Step> {
  const [first] = plans;
  return plans.length === 1 && first !== undefined ? first : { kind, plans };
}

function groupOf(members: readonly string[], text: string): Plan<AskedStep> {
  if (members.includes('')) {
    const got = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
    throw new SkillosError(
      'pipeline_steps_required',
      `Invalid step ${got}: expected a skill id, or several joined by | or a comma`,
    );
  }
  return atOnce(members.map((member) => ({ kind: 'step', step: { skill: parseSkillId(member) } })));
}
