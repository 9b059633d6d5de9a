/** Expands the compositions of a plan to their skills, so that one plan is evaluated, frozen and run. */
import type { SkillEntry } from './catalog.ts';
import { isActive, isChanged, planOf } from './composition.ts';
import type { Composition } from './composition.ts';
import { MAX_STEPS } from '../plans/plan.ts';
import type { RequestedStep, Plan } from '../plans/plan.ts';
import type { ErrorCode } from '../errors/error-codes.ts';
import type { SkillId } from '../values/skill-id.ts';

export interface Expansion {
  /** The expanded plan; incomplete if there is a failure. */
  readonly plan: Plan<RequestedStep>;
  /** Distinct expanded compositions, outer before inner. */
  readonly compositions: readonly SkillId[];
  readonly failure?: ExpansionFailure;
}

interface ExpansionFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

interface Options {
  /** Expands inactive compositions too, for tests before the activation. */
  readonly allowsInactive?: boolean;
}

/** Highest depth of nested compositions. */
const MAX_DEPTH = 32;

/** Skills that are missing in `entries` are kept as steps. */
export function expand(
  plan: Plan<RequestedStep>,
  entries: ReadonlyMap<SkillId, Pick<SkillEntry, 'composition'>>,
  { allowsInactive = false }: Options = {},
): Expansion {
  const compositions = new Set<SkillId>();
  let count = 0;
  let failure: ExpansionFailure | undefined;

  function grow(part: Plan<RequestedStep>, path: readonly SkillId[]): Plan<RequestedStep> {
    if (failure !== undefined) return part;
    return part.kind === 'step'
      ? growStep(part, path)
      : { kind: part.kind, plans: part.plans.map((child) => grow(child, path)) };
  }

  function growStep(
    part: Plan<RequestedStep> & { kind: 'step' },
    path: readonly SkillId[],
  ): Plan<RequestedStep> {
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

function refuseCount(count: number): ExpansionFailure | undefined {
  if (count <= MAX_STEPS) return undefined;
  const message = `Plan of more than ${MAX_STEPS} steps, including the steps of compositions`;
  return { code: 'plan_too_large', message };
}

function refusePath(path: readonly SkillId[], skill: SkillId): ExpansionFailure | undefined {
  if (path.includes(skill)) {
    const circle = [...path.slice(path.indexOf(skill)), skill].join(' → ');
    return { code: 'composition_invalid', message: `Composition "${skill}" contains itself: ${circle}` };
  }
  if (path.length < MAX_DEPTH) return undefined;
  const message = `Compositions below "${path[0]}" are nested deeper than ${MAX_DEPTH}`;
  return { code: 'plan_too_large', message };
}

function refuseInactive(composition: Composition): ExpansionFailure | undefined {
  if (isActive(composition)) return undefined;
  const why = isChanged(composition) ? 'it was edited after its activation' : 'it was never activated';
  return {
    code: 'composition_inactive',
    message: `Composition "${composition.id}" ${composition.version} is not active: ${why}`,
  };
}

/** Passes the payload of a composition's step to the first steps of the expanded plan. */
function withPayload(
  plan: Plan<RequestedStep>,
  payload: NonNullable<RequestedStep['payload']>,
): Plan<RequestedStep> {
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
