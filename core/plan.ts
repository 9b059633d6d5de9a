/** A plan is a step, a sequence or a parallel group: one shape for a skill, a composition and a pipeline. Zod-free: workflows run it. */
import type { SkillId } from './skill-id.ts';
import type { Carried } from './carried.ts';

export type Plan<Step> =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'sequence'; readonly plans: readonly Plan<Step>[] }
  | { readonly kind: 'parallel'; readonly plans: readonly Plan<Step>[] };

/** What a caller asks for: a skill, and for a part of a split query its own payload. */
export interface AskedStep {
  readonly skill: SkillId;
  readonly payload?: Carried;
}

/**
 * How a step takes its payload: `text` as a string; `json` as the value that its `inputs` schema describes; `query`
 * likewise, but plain text becomes `{query: text}`.
 */
export type Accepts = 'text' | 'json' | 'query';

export type SideEffects = 'none' | 'read' | 'write' | 'destructive';

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly initialMs: number;
  readonly backoff: number;
  readonly maxIntervalMs: number;
  /** Names of errors, as thrown by the skill, that are not tried again. */
  readonly nonRetryable: readonly string[];
}

/** A step as `prepare` froze it: a run in flight keeps its own code, limits and retry whatever is edited meanwhile. */
export interface FrozenStep {
  /** From 1, in the order of the plan; what people name a step by. */
  readonly number: number;
  readonly skill: SkillId;
  /** Name from the manifest, for people. */
  readonly name: string;
  /** Content hash of the bundle: code, exported name and input and output schemas. */
  readonly hash: string;
  readonly accepts: Accepts;
  /** Where a part of a split query has its own payload, this instead of the previous step's output. */
  readonly payload?: Carried;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** Whether a lost attempt may be repeated; if not, it ends the step `outcome_unknown`. */
  readonly repeatable: boolean;
  readonly sideEffects?: SideEffects;
  /** From the manifest, in 1/10,000; without, the step costs what its model does. */
  readonly cost?: number;
  /** The skill that undoes this step, frozen with it. */
  readonly rollback?: FrozenSkill;
}

/** How the activity of a step is scheduled. */
export type Terms = Pick<FrozenStep, 'name' | 'timeoutMs' | 'retry' | 'repeatable'>;

/** A step as far as scheduling it takes. */
export type ScheduledStep = Pick<FrozenStep, 'number' | 'skill'> & Terms;

/** How to call a skill. */
export type FrozenSkill = Pick<
  FrozenStep,
  'skill' | 'name' | 'hash' | 'accepts' | 'timeoutMs' | 'retry' | 'repeatable'
>;

export const MAX_STEPS = 500;

export function stepsOf<Step>(plan: Plan<Step>): readonly Step[] {
  return plan.kind === 'step' ? [plan.step] : plan.plans.flatMap(stepsOf);
}

/** The steps that a run takes itself: all, or in a fork those from `first` on. */
export function stepsFrom(plan: Plan<FrozenStep>, first = 1): readonly FrozenStep[] {
  return stepsOf(plan).filter(({ number }) => number >= first);
}

/** The same shape with every step replaced; steps are visited in the order of the plan. */
export function mapPlan<From, To>(plan: Plan<From>, change: (step: From) => To): Plan<To> {
  return plan.kind === 'step'
    ? { kind: 'step', step: change(plan.step) }
    : { kind: plan.kind, plans: plan.plans.map((child) => mapPlan(child, change)) };
}

/** The steps whose success ends the plan: one, or the members of a group in declared order; none where some are plans. */
export function lastStepsOf<Step>(plan: Plan<Step>): readonly Step[] {
  switch (plan.kind) {
    case 'step':
      return [plan.step];
    case 'sequence':
      return plan.plans.slice(-1).flatMap(lastStepsOf);
    case 'parallel':
      return plan.plans.length > 1 && plan.plans.every(({ kind }) => kind === 'step') ? stepsOf(plan) : [];
  }
}
