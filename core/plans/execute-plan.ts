/** Executes a plan: passes outputs on, and bounds how many members of a group run at once. Zod-free: workflows run it. */
import type { Carried } from '../values/carried.ts';
import type { Plan } from './plan.ts';

export interface PlanRunner<Step> {
  /** Runs one step; rejects if its last attempt failed. */
  runStep(step: Step, input: Carried): Promise<Carried>;
  /** Runs `work` in a cancellation scope: `cancel` cancels the unfinished steps in it. */
  inScope<T>(work: (cancel: () => void) => Promise<T>): Promise<T>;
  /** Number of members of one group that run at once; at least 1. */
  readonly parallelLimit: number;
}

/**
 * Resolves to the output of the plan: that of the last step of a sequence, or those of all members of a group in declared
 * order. Only functions that wait are `async`, because Temporal tracks each promise of a workflow.
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
    const runNext = async (): Promise<void> => {
      while (next < plans.length && failures.length === 0) {
        const index = next++;
        try {
          outputs[index] = await executePlan(plans[index] as Plan<Step>, input, runner);
        } catch (error) {
          if (failures.push(error) === 1) cancel();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(runner.parallelLimit, plans.length) }, runNext));
    if (failures.length > 0) throw failures[0];
    return { parts: outputs };
  });
}
