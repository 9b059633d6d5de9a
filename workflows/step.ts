/** One step, to its end: again when its worker was lost, and as often as its retry policy says. */
import { isCancellation } from '@temporalio/workflow';
import { runSkill } from './activities.ts';
import { isLost, needsApproval, stepFailure } from './failures.ts';
import type { StepInput, StepResult } from './messages.ts';

/** Losing the worker this often in one step is not bad luck any more. */
const MAX_LOSSES = 100;

/** Rejects with the step's failure, or as it is with a cancellation or with the wish for an approval. */
export async function runToEnd(call: Omit<StepInput, 'attemptsBefore'>): Promise<StepResult> {
  const { step } = call;
  for (let losses = 0; ; losses++) {
    try {
      return await runSkill({ ...call, attemptsBefore: losses * step.retry.maxAttempts });
    } catch (error) {
      // Lost workers do not use up the skill's own attempts.
      if (isLost(error) && step.repeatable && losses < MAX_LOSSES) continue;
      throw isCancellation(error) || needsApproval(error) ? error : stepFailure(error, step);
    }
  }
}
