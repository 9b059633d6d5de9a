/** Compositions in a plan become what they are made of, so that one plan is judged, frozen and run. */
import type { SkillEntry } from './catalog.ts';
import { isActive, isChanged, planOf } from './composition.ts';
import type { Composition } from './composition.ts';
import { MAX_STEPS } from './plan.ts';
import type { AskedStep, Plan } from './plan.ts';
import type { RunFailure } from './run.ts';
import type { SkillId } from './skill-id.ts';

export interface Expansion {
  /** Whole unless there is a failure. */
  readonly plan: Plan<AskedStep>;
  /** Each composition that was expanded, once, the outer before the inner. */
  readonly compositions: readonly SkillId[];
  readonly failure?: RunFailure;
}

interface Options {
  /** For a test, which comes before activation. */
  readonly allowsInactive?: boolean;
}

/** Compositions may hold compositions, but not deeper than this. */
const MAX_DEPTH = 32;

/** Skills that `entries` does not have stay as they are. */
export function expand(
  plan: Plan<AskedStep>,
  entries: ReadonlyMap<SkillId, Pick<SkillEntry, 'composition'>>,
  { allowsInactive = false }: Options = {},
): Expansion {
  const compositions = new Set<SkillId>();
  let count = 0;
  let failure: RunFailure | undefined;

  function grow(part: Plan<AskedStep>, path: readonly SkillId[]): Plan<AskedStep> {
    if (failure !== undefined) return part;
    return part.kind === 'step'
      ? growStep(part, path)
      : { kind: part.kind, plans: part.plans.map((child) => grow(child, path)) };
  }

  function growStep(part: Plan<AskedStep> & { kind: 'step' }, path: readonly SkillId[]): Plan<AskedStep> {
    const { skill, payload } = part.step;
    const composition = entries.get(skill)?.composition;
    failure =
      composition === undefined
        ? refuseCount(++count)
        : (refusePath(path, skill) ?? (allowsInactive ? undefined : refuseInactive(composition)));
    if (composition === undefined || failure !== undefined) return part;
    compositions.add(skill);
    const inner = grow(planOf(composition.steps), [...path, skill]);
    return payload === undefined ? inner : withPayload(inner, payload);
  }

  const grown = grow(plan, []);
  return { plan: grown, compositions: [...compositions], ...(failure === undefined ? {} : { failure }) };
}

function refuseCount(count: number): RunFailure | undefined {
  if (count <= MAX_STEPS) return undefined;
  const message = `Plan of more than ${MAX_STEPS} steps, those of its compositions included`;
  return { code: 'plan_too_large', message };
}

function refusePath(path: readonly SkillId[], skill: SkillId): RunFailure | undefined {
  if (path.includes(skill)) {
    const circle = [...path.slice(path.indexOf(skill)), skill].join(' → ');
    return { code: 'composition_invalid', message: `Composition "${skill}" leads back to itself: ${circle}` };
  }
  if (path.length < MAX_DEPTH) return undefined;
  const message = `Compositions nest deeper than ${MAX_DEPTH}, from "${path[0]}" on`;
  return { code: 'plan_too_large', message };
}

function refuseInactive(composition: Composition): RunFailure | undefined {
  if (isActive(composition)) return undefined;
  const why = isChanged(composition) ? 'it has changed since it was activated' : 'it was not activated yet';
  return {
    code: 'composition_inactive',
    message: `Composition "${composition.id}" ${composition.version} is not active: ${why}`,
  };
}

/** A payload of its own goes to the steps that begin. */
function withPayload(plan: Plan<AskedStep>, payload: NonNullable<AskedStep['payload']>): Plan<AskedStep> {
  switch (plan.kind) {
    case 'step':
      return { kind: 'step', step: { ...plan.step, payload } };
    case 'sequence':
      return {
        kind: 'sequence',
        plans: plan.plans.map((child, index) => (index === 0 ? withPayload(child, payload) : child)),
      };
    case 'parallel':
      return { kind: 'parallel', plans: plan.plans.map((child) => withPayload(child, payload)) };
  }
}
