/** Parses steps as people type them: each text is a step or a group, `a/x` or `b/y|c/z`. */
import { SkillosError } from '../errors/errors.ts';
import { MAX_STEPS } from './plan.ts';
import type { RequestedStep, Plan } from './plan.ts';
import { parseSkillId } from '../values/skill-id.ts';

/** A comma means the same as a pipe, which shells interpret. */
const GROUP_SEPARATOR = /[|,]/;

/**
 * Returns a sequence of the texts, with the members of each text in parallel. Throws `pipeline_steps_required` if a step or
 * a member is missing, `plan_too_large`, or `invalid_skill_id`.
 */
export function parseSteps(texts: readonly string[]): Plan<RequestedStep> {
  if (texts.length === 0) {
    throw new SkillosError('pipeline_steps_required', 'Expected at least one step, got none');
  }
  const groups = texts.map((text) => text.split(GROUP_SEPARATOR).map((member) => member.trim()));
  const count = groups.reduce((sum, members) => sum + members.length, 0);
  if (count > MAX_STEPS) {
    throw new SkillosError('plan_too_large', `Plan of ${count} steps: expected at most ${MAX_STEPS}`);
  }
  return sequenceOf(groups.map((members, index) => groupOf(members, texts[index] as string)));
}

/** A sequence of the plans; a single plan is returned unchanged. */
export function sequenceOf<Step>(plans: readonly Plan<Step>[]): Plan<Step> {
  return joined('sequence', plans);
}

/** A parallel group of the plans; a single plan is returned unchanged. */
export function parallelOf<Step>(plans: readonly Plan<Step>[]): Plan<Step> {
  return joined('parallel', plans);
}

function joined<Step>(kind: 'sequence' | 'parallel', plans: readonly Plan<Step>[]): Plan<Step> {
  const [first] = plans;
  return plans.length === 1 && first !== undefined ? first : { kind, plans };
}

function groupOf(members: readonly string[], text: string): Plan<RequestedStep> {
  if (members.includes('')) {
    const got = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
    throw new SkillosError(
      'pipeline_steps_required',
      `Invalid step ${got}: expected a skill id, or several joined by | or a comma`,
    );
  }
  return parallelOf(members.map((member) => ({ kind: 'step', step: { skill: parseSkillId(member) } })));
}
