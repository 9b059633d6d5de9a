/** Requests whose only step is scheduled before the run is prepared; the fast path uses them. Zod-free: workflows run it. */
import type { Plan, RequestedStep, ScheduledStep, Terms } from '../plans/plan.ts';
import type { RunRequest } from './run.ts';

/** A request for one step, with the `terms` to schedule it by; the activity of the step prepares the run. */
export type SingleRequest = RunRequest & {
  readonly plan: Extract<Plan<RequestedStep>, { kind: 'step' }>;
  readonly terms: Terms;
};

export function isSingle(request: RunRequest): request is SingleRequest {
  return request.plan.kind === 'step' && request.terms !== undefined;
}

/** The step of a single request as far as scheduling it needs; its code is not frozen yet. */
export function onlyStep({ plan, terms }: SingleRequest): ScheduledStep {
  return { number: 1, skill: plan.step.skill, ...terms };
}

/**
 * First detail of the failure of a single request's activity: the step has not begun, and the run takes the plain order
 * of verbs. The value stands in histories.
 */
export const DEFERRED = 'held_back';
