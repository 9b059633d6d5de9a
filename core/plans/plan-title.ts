/** The names of a plan. */
import { stepsOf } from './plan.ts';
import type { Plan, RequestedStep } from './plan.ts';

/** Returns the skill of a plan with one step, otherwise `pipeline`. */
export function subjectOf({ plan }: { readonly plan: Plan<RequestedStep> }): string {
  const [first, ...others] = stepsOf(plan);
  return first === undefined || others.length > 0 ? 'pipeline' : first.skill;
}

/** Steps that a title names. */
const MAX_TITLE_STEPS = 4;

/** Names a plan by its skills in their order, such as `expense/load → expense/report`. */
export function titleOfSteps(steps: readonly { readonly skill: string }[]): string {
  const shown = steps.slice(0, MAX_TITLE_STEPS).map(({ skill }) => skill);
  const more = steps.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(' → ');
}
