/** The interpreter: walks a plan, hands outputs on, bounds groups. Zod-free: it runs inside the workflow. */
import type { Carried } from './carried.ts';
import type { Plan } from './plan.ts';

export interface PlanRunner<Step> {
  /** Runs one step; rejects when it failed for good. */
  runStep(step: Step, input: Carried): Promise<Carried>;
  /** Runs `work` so that `cancel` ends what is unfinished in it; in a workflow a cancellation scope. */
  inScope<T>(work: (cancel: () => void) => Promise<T>): Promise<T>;
  /** How many members of one group run at once; at least 1. */
  readonly parallelLimit: number;
}

/**
 * The output of the plan: of the last step of a sequence, of all members of a group in declared order. Only what has to
 * wait is `async`: each promise that a workflow makes is tracked by Temporal, which costs more than the promise.
 */
export function executePlan<Step>(
  plan: Plan<Step>,
  input: Carried,
  runner: PlanRunner<Step>,
): Promise<Carried> {
  switch (plan.kind) {
    case 'step':
      return runner.runStep(plan.step, input);
    case 'sequence':
      return executeSequence(plan.plans, input, runner);
    case 'parallel':
      return executeGroup(plan.plans, input, runner);
  }
}

async function executeSequence<Step>(
  plans: readonly Plan<Step>[],
  input: Carried,
  runner: PlanRunner<Step>,
): Promise<Carried> {
  let output = input;
  for (const plan of plans) output = await executePlan(plan, output, runner);
  return output;
}

/** A failing member cancels its siblings; the group rejects with that failure once all of them have stopped. */
function executeGroup<Step>(
  plans: readonly Plan<Step>[],
  input: Carried,
  runner: PlanRunner<Step>,
): Promise<Carried> {
  return runner.inScope(async (cancel) => {
    const outputs: Carried[] = [];
    const failures: unknown[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < plans.length && failures.length === 0) {
        const index = next++;
        try {
          outputs[index] = await executePlan(plans[index] as Plan<Step>, input, runner);
        } catch (error) {
          if (failures.push(error) === 1) cancel();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(runner.parallelLimit, plans.length) }, lane));
    if (failures.length > 0) throw failures[0];
    return { parts: outputs };
  });
}
