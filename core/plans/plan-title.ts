/** The names of a plan. */
import { mapPlan, stepsOf } from './plan.ts';
import type { Plan, RequestedStep } from './plan.ts';

/** Returns the skill of a plan with one step, otherwise `pipeline`. */
export function subjectOf({ plan }: { readonly plan: Plan<RequestedStep> }): string {
  const [first, ...others] = stepsOf(plan);
  return first === undefined || others.length > 0 ? 'pipeline' : first.skill;
}

/** Between the members of a sequence, and of a group, as `--step` takes it. */
export const SIGNS = { sequence: ' → ', parallel: ' | ' } as const;

/** Steps that a title names. */
const MAX_TITLE_STEPS = 4;

interface CountedStep {
  readonly skill: string;
  readonly position: number;
}

/** Names a plan by its first skills, such as `expense/load | expense/rates → expense/report`. */
export function titleOfPlan(plan: Plan<{ readonly skill: string }>): string {
  let count = 0;
  const counted = mapPlan(plan, ({ skill }) => ({ skill, position: count++ }));
  const text = textOf(counted);
  const more = count - MAX_TITLE_STEPS;
  return plan.kind === 'step' || more <= 0 ? text : `${text}${SIGNS[plan.kind]}${more} more`;
}

function textOf(plan: Plan<CountedStep>): string {
  if (plan.kind === 'step') return plan.step.skill;
  const named = plan.plans.filter((each) => stepsOf(each).some(({ position }) => position < MAX_TITLE_STEPS));
  const isInner = (each: Plan<CountedStep>) => plan.kind === 'parallel' && each.kind === 'sequence';
  const texts = named.map((each) => (isInner(each) ? `(${textOf(each)})` : textOf(each)));
  return texts.join(SIGNS[plan.kind]);
}
