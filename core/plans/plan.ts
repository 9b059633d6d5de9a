/** A plan is a step, a sequence or a parallel group: one shape for a skill, a composition and a pipeline. Zod-free: workflows run it. */
import type { JsonObject } from '../json.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { Carried } from '../values/carried.ts';

export type Plan<Step> =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'sequence'; readonly plans: readonly Plan<Step>[] }
  | { readonly kind: 'parallel'; readonly plans: readonly Plan<Step>[] };

/** A step as a caller requests it: a skill, and for a part of a split query its own payload. */
export interface RequestedStep {
  readonly skill: SkillId;
  readonly payload?: Carried;
}

/**
 * The form in which a step accepts its payload: `text` as a string; `json` as the value that its `inputs` schema describes; `query`
 * likewise, but plain text becomes `{query: text}`.
 */
export type Accepts = 'text' | 'json' | 'query';

/** What a caller should know of a skill in its plan. */
export interface Warning {
  readonly code: 'deprecated_skill';
  readonly skill: SkillId;
  readonly message: string;
}

export type SideEffects = 'none' | 'read' | 'write' | 'destructive';

export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly initialMs: number;
  readonly backoff: number;
  readonly maxIntervalMs: number;
  /** Names of errors thrown by the skill after which it is not retried. */
  readonly nonRetryable: readonly string[];
}

/** A step as `prepare` froze it: the run keeps this code, these limits and retries even if the skill is edited meanwhile. */
export interface FrozenStep {
  /** From 1, in the order of the plan. */
  readonly number: number;
  readonly skill: SkillId;
  /** Display name from the manifest. */
  readonly name: string;
  /** The variant of the skill that the run takes; absent if it has none. */
  readonly variant?: string;
  /** Content hash of the bundle: code, exported name and input and output schemas. */
  readonly hash: string;
  readonly accepts: Accepts;
  /** Values of properties that the input may lack, from `default` in the schema; absent if there are none. */
  readonly defaults?: JsonObject;
  /** Used instead of the previous step's output, for a part of a split query. */
  readonly payload?: Carried;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** True if a lost attempt may be repeated; otherwise it ends the step with `outcome_unknown`. */
  readonly repeatable: boolean;
  /** How many steps of the skill may run at once, per tenant; absent without a limit. */
  readonly concurrency?: number;
  readonly sideEffects?: SideEffects;
  /** Connectors that the manifest declares; absent if there are none. */
  readonly connectors?: readonly string[];
  /** Keys of secrets that the manifest declares; absent if there are none. Their values are never part of a plan. */
  readonly secrets?: readonly string[];
  /** From the manifest, in 1/10,000; if absent, the step costs as much as its model. */
  readonly cost?: number;
  /** The rollback skill of this step, frozen with it. */
  readonly rollback?: FrozenSkill;
}

/** The terms by which the activity of a step is scheduled. */
export type Terms = Pick<FrozenStep, 'name' | 'timeoutMs' | 'retry' | 'repeatable' | 'concurrency'>;

/** The part of a step that is required to schedule it. */
export type ScheduledStep = Pick<FrozenStep, 'number' | 'skill'> & Terms;

/** The part of a step that is required to call its skill. */
export type FrozenSkill = Pick<
  FrozenStep,
  | 'skill'
  | 'name'
  | 'hash'
  | 'accepts'
  | 'defaults'
  | 'timeoutMs'
  | 'retry'
  | 'repeatable'
  | 'concurrency'
  | 'connectors'
  | 'secrets'
>;

export const MAX_STEPS = 500;

export function stepsOf<Step>(plan: Plan<Step>): readonly Step[] {
  return plan.kind === 'step' ? [plan.step] : plan.plans.flatMap(stepsOf);
}

/** The steps that a run executes itself: all, or in a fork those from `first` on. */
export function stepsFrom(plan: Plan<FrozenStep>, first = 1): readonly FrozenStep[] {
  return stepsOf(plan).filter(({ number }) => number >= first);
}

/** Returns the same plan with every step replaced; visits the steps in the order of the plan. */
export function mapPlan<From, To>(plan: Plan<From>, change: (step: From) => To): Plan<To> {
  return plan.kind === 'step'
    ? { kind: 'step', step: change(plan.step) }
    : { kind: plan.kind, plans: plan.plans.map((child) => mapPlan(child, change)) };
}

/** The steps that receive the payload of the run: the first step, or the members of a first group. */
export function firstStepsOf<Step>(plan: Plan<Step>): readonly Step[] {
  switch (plan.kind) {
    case 'step':
      return [plan.step];
    case 'sequence':
      return plan.plans.slice(0, 1).flatMap(firstStepsOf);
    case 'parallel':
      return plan.plans.flatMap(firstStepsOf);
  }
}

/**
 * The input of a step if the request contains it: its own payload, or `payload`, which is that of the run for a step that
 * receives it. A large payload of a single step is not loaded before the step runs, so it counts as unknown.
 */
export function knownInput(
  { payload: own }: Pick<FrozenStep, 'payload'>,
  payload: Carried | undefined,
): Carried | undefined {
  if (own === undefined) return payload;
  return 'value' in own ? own : undefined;
}

/** The steps that complete the plan: one, or the members of a group in declared order; none if a member is not a step. */
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
