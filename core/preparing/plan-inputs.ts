/** The inputs of the steps of a plan, as far as the request contains them. Conditions of approval policies look at them. */
import type { ApprovalFile } from '../approvals/approval-file.ts';
import { mayParkBefore } from '../approvals/approval-policy.ts';
import type { ApprovalInput } from '../approvals/approval-policy.ts';
import type { JsonValue } from '../json.ts';
import { firstStepsOf, knownInput, stepsFrom, stepsOf } from '../plans/plan.ts';
import type { FrozenStep, Plan, RequestedStep } from '../plans/plan.ts';
import type { RunRequest } from '../runs/run.ts';
import type { SkillId } from '../values/skill-id.ts';

interface PlannedRun {
  readonly request: RunRequest;
  /** The loaded payload of the request. */
  readonly payload: JsonValue;
  readonly plan: Plan<FrozenStep>;
  /** The compositions that were expanded to the plan. */
  readonly compositions: readonly SkillId[];
}

/** The inputs of the steps that run, and of the compositions that the request names. */
export function inputsBySkill({ request, payload, plan, compositions }: PlannedRun): ApprovalInput['inputs'] {
  const composed = stepsOf(request.plan).filter(({ skill }) => compositions.includes(skill));
  const inputs = new Map<string, readonly (JsonValue | undefined)[]>();
  for (const step of [...composed, ...stepsFrom(plan, request.origin?.from)]) {
    const isFirst = receivesPayload(step, request.plan) || receivesPayload(step, plan);
    const known = knownInput(step, isFirst ? request.payload : undefined);
    const value =
      known === request.payload ? payload : known !== undefined && 'value' in known ? known.value : undefined;
    inputs.set(step.skill, [...(inputs.get(step.skill) ?? []), value]);
  }
  return inputs;
}

/** Numbers of the steps before which a policy may park the run once their input is known. */
export function gatedSteps(
  request: RunRequest,
  plan: Plan<FrozenStep>,
  approvalFile: ApprovalFile,
): readonly number[] {
  return stepsFrom(plan, request.origin?.from)
    .filter(
      (step) => knownInput(step, receivesPayload(step, plan) ? request.payload : undefined) === undefined,
    )
    .filter(({ skill }) => mayParkBefore(approvalFile, skill))
    .map(({ number }) => number);
}

function receivesPayload<Step extends RequestedStep>(step: Step, plan: Plan<Step>): boolean {
  return firstStepsOf(plan).includes(step);
}
