/** Forks: repeating a run from a step on, with the outputs of the steps before it. */
import type { Carried } from '../values/carried.ts';
import { SkillosError } from '../errors/errors.ts';
import { executePlan } from '../plans/execute-plan.ts';
import { mapPlan, stepsOf } from '../plans/plan.ts';
import type { RequestedStep, Plan } from '../plans/plan.ts';
import type { Origin } from './run.ts';
import type { SkillId } from '../values/skill-id.ts';
import { stepNumber } from '../plans/step-name.ts';

/** Outputs and skips of the steps of a run, by number, from its history. */
export interface StepHistory {
  readonly outputs: ReadonlyMap<number, Carried>;
  /** Skipped steps, with the edited input if somebody edited it. */
  readonly skipped: ReadonlyMap<number, Carried | undefined>;
}

export interface ForkRequest {
  readonly runId: string;
  /** The plan of the run with expanded compositions. */
  readonly plan: Plan<RequestedStep>;
  /** Result of `forwardedOutputs`. */
  readonly outputs: ReadonlyMap<number, Carried>;
  /** Name of the first step that runs again; default is the first step of the plan. */
  readonly from?: string | undefined;
  /** Outputs set by the caller, by name of the step. */
  readonly set: readonly { readonly step: string; readonly output: Carried }[];
  readonly latest: boolean;
}

interface ForkedStep {
  readonly number: number;
  readonly skill: SkillId;
  /** The output is produced by a run, was recorded by the origin, or is set by the caller. */
  readonly source: 'run' | 'recorded' | 'set';
}

export interface Fork {
  readonly origin: Origin;
  readonly steps: readonly ForkedStep[];
}

/** Throws `unknown_step`, and `step_not_run` if a step before the first to run has no output. */
export function forkOf({ runId, plan, outputs, from, set, latest }: ForkRequest): Fork {
  const steps = numbered(plan);
  const first = from === undefined ? 1 : stepNumber(steps, from);
  const given = new Map(set.map(({ step, output }) => [stepNumber(steps, step), output]));
  const handed = steps.flatMap(({ number }) => {
    const output = given.get(number) ?? (number < first ? outputs.get(number) : undefined);
    return output === undefined ? [] : [{ step: number, output }];
  });
  const known = new Set(handed.map(({ step }) => step));
  const missing = steps.find(({ number }) => number < first && !known.has(number));
  if (missing !== undefined) throw notRun(missing, runId);
  const source = (number: number) => (given.has(number) ? 'set' : known.has(number) ? 'recorded' : 'run');
  return {
    origin: { runId, from: first, outputs: handed, ...(latest ? { latest } : {}) },
    steps: steps.map(({ number, skill }) => ({ number, skill, source: source(number) })),
  };
}

function notRun({ number, skill }: Numbered, runId: string): SkillosError {
  return new SkillosError('step_not_run', `Step ${number} ${skill} of run "${runId}" has no output`, {
    hint: `Set its output: --set ${number}=<json>`,
  });
}

/** Returns the value that each completed step passed on: its output, or for a skipped step its input. */
export async function forwardedOutputs(
  plan: Plan<RequestedStep>,
  payload: Carried,
  { outputs, skipped }: StepHistory,
): Promise<ReadonlyMap<number, Carried>> {
  const handed = new Map<number, Carried>();
  let count = 0;
  const steps = mapPlan(plan, (step) => ({ ...step, number: ++count }));
  const run = executePlan(steps, payload, {
    runStep({ number, payload: own }, previous) {
      const isSkipped = skipped.has(number);
      const output = isSkipped ? (skipped.get(number) ?? own ?? previous) : outputs.get(number);
      if (output === undefined) return Promise.reject(new Error('The step has no output'));
      handed.set(number, output);
      return Promise.resolve(output);
    },
    inScope: (work) => work(() => undefined),
    parallelLimit: Math.max(count, 1),
  });
  await run.catch(() => undefined);
  return handed;
}

/** True if both plans have the same structure and skills, so that step numbers mean the same in both. */
export function hasSameSteps(
  plan: Plan<Pick<RequestedStep, 'skill'>>,
  other: Plan<Pick<RequestedStep, 'skill'>>,
): boolean {
  return shapeOf(plan) === shapeOf(other);
}

function shapeOf(plan: Plan<Pick<RequestedStep, 'skill'>>): string {
  return JSON.stringify(mapPlan(plan, ({ skill }) => skill));
}

type Numbered = Pick<ForkedStep, 'number' | 'skill'>;

function numbered(plan: Plan<RequestedStep>): readonly Numbered[] {
  return stepsOf(plan).map(({ skill }, index) => ({ number: index + 1, skill }));
}
