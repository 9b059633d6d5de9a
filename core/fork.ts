/** Repeating a run from a step on: what it takes over, and what runs again. */
import type { Carried } from './carried.ts';
import { SkillosError } from './errors.ts';
import { executePlan } from './execute-plan.ts';
import { mapPlan, stepsOf } from './plan.ts';
import type { AskedStep, Plan } from './plan.ts';
import type { Origin } from './run.ts';
import type { SkillId } from './skill-id.ts';
import { stepNumber } from './step-name.ts';

/** What the history of a run tells of its steps, by their numbers. */
export interface Told {
  readonly outputs: ReadonlyMap<number, Carried>;
  /** Steps that were left out, with the input that somebody gave them instead of their own. */
  readonly skipped: ReadonlyMap<number, Carried | undefined>;
}

export interface ForkAsk {
  readonly runId: string;
  /** The plan of the run, with its compositions expanded. */
  readonly plan: Plan<AskedStep>;
  /** What each step handed on, as `handedOn` has it. */
  readonly outputs: ReadonlyMap<number, Carried>;
  /** Name of the first step that runs again; without, the first of all. */
  readonly from?: string | undefined;
  /** What steps are to be said to have put out, by their names. */
  readonly set: readonly { readonly step: string; readonly output: Carried }[];
  readonly latest: boolean;
}

interface ForkedStep {
  readonly number: number;
  readonly skill: SkillId;
  /** Where its output comes from: it runs, or was recorded, or set by the caller. */
  readonly does: 'run' | 'recorded' | 'set';
}

export interface Fork {
  readonly origin: Origin;
  readonly steps: readonly ForkedStep[];
}

/** Throws `unknown_step`, and `step_not_run` where a step before the first to run has put nothing out. */
export function forkOf({ runId, plan, outputs, from, set, latest }: ForkAsk): Fork {
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
  const does = (number: number) => (given.has(number) ? 'set' : known.has(number) ? 'recorded' : 'run');
  return {
    origin: { runId, from: first, outputs: handed, ...(latest ? { latest } : {}) },
    steps: steps.map(({ number, skill }) => ({ number, skill, does: does(number) })),
  };
}

function notRun({ number, skill }: Numbered, runId: string): SkillosError {
  return new SkillosError('step_not_run', `Step ${number} ${skill} of run "${runId}" put nothing out`, {
    hint: `Say what it should have put out: --set ${number}=<json>`,
  });
}

/** What each step handed on, as far as the run came: its output, and of a step that was left out its input. */
export async function handedOn(
  plan: Plan<AskedStep>,
  payload: Carried,
  { outputs, skipped }: Told,
): Promise<ReadonlyMap<number, Carried>> {
  const handed = new Map<number, Carried>();
  let count = 0;
  const steps = mapPlan(plan, (step) => ({ ...step, number: ++count }));
  const run = executePlan(steps, payload, {
    runStep({ number, payload: own }, previous) {
      const isSkipped = skipped.has(number);
      const output = isSkipped ? (skipped.get(number) ?? own ?? previous) : outputs.get(number);
      if (output === undefined) return Promise.reject(new Error('The run did not come that far'));
      handed.set(number, output);
      return Promise.resolve(output);
    },
    inScope: (work) => work(() => undefined),
    parallelLimit: Math.max(count, 1),
  });
  await run.catch(() => undefined);
  return handed;
}

/** Whether both plans run the same skills in the same order, so that steps of one stand for those of the other. */
export function hasSameSteps(
  plan: Plan<Pick<AskedStep, 'skill'>>,
  other: Plan<Pick<AskedStep, 'skill'>>,
): boolean {
  return shapeOf(plan) === shapeOf(other);
}

function shapeOf(plan: Plan<Pick<AskedStep, 'skill'>>): string {
  return JSON.stringify(mapPlan(plan, ({ skill }) => skill));
}

type Numbered = Pick<ForkedStep, 'number' | 'skill'>;

function numbered(plan: Plan<AskedStep>): readonly Numbered[] {
  return stepsOf(plan).map(({ skill }, index) => ({ number: index + 1, skill }));
}
