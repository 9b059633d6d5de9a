/** One step, to its end: again when its worker was lost, and as often as its retry policy says. */
import { isCancellation } from '@temporalio/workflow';
import type { ScheduledStep } from '../core/plan.ts';
import { runSkill } from './activities.ts';
import { isHeldBack, isLost, needsApproval, stepFailure } from './failures.ts';
import type { OpeningInput, StepInput, StepResult } from './messages.ts';

/** Losing the worker this often in one step is not bad luck any more. */
const MAX_LOSSES = 100;

/** Rejects with the step's failure, or as it is with a cancellation with the wish for an approval, or with what holds a run back. */
export async function runToEnd(
  step: ScheduledStep,
  call: Omit<StepInput, 'attemptsBefore'> | Omit<OpeningInput, 'attemptsBefore'>,
): Promise<StepResult> {
  for (let losses = 0; ; losses++) {
    try {
      return await runSkill(step, { ...call, attemptsBefore: losses * step.retry.maxAttempts });
    } catch (error) {
      // Lost workers do not use up the skill's own attempts.
      if (isLost(error) && step.repeatable && losses < MAX_LOSSES) continue;
      throw isCancellation(error) || isHeldBack(error) || needsApproval(error)
        ? error
        : stepFailure(error, step);
    }
  }
}
