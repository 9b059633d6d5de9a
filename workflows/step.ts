/** Runs one step to its end: its activity is scheduled again if the worker was lost. */
import { isCancellation } from '@temporalio/workflow';
import { MAX_LOSSES } from '../core/plans/lost-attempts.ts';
import type { FrozenStep, ScheduledStep } from '../core/plans/plan.ts';
import type { Carried } from '../core/values/carried.ts';
import { runSkill } from './activities.ts';
import { cancelled, isCancelledWait, isLost, needsApproval, stepFailure } from './failures.ts';
import type { OpeningInput, StepInput, StepResult } from './messages.ts';

export type StepCall = Omit<StepInput, 'attemptsBefore'>;

/** Runs one step of a plan; rejects as `runToEnd`. */
export type RunStep = (step: FrozenStep, call: StepCall) => Promise<Carried>;

/** Rejects with a `StepFailure`; a cancellation and a request for approval are passed on unchanged. */
export async function runToEnd(
  step: ScheduledStep,
  call: StepCall | Omit<OpeningInput, 'attemptsBefore'>,
): Promise<StepResult> {
  const maxLosses = MAX_LOSSES['opens' in call ? 'opening' : 'step'];
  for (let losses = 0; ; losses++) {
    try {
      return await runSkill(step, { ...call, attemptsBefore: losses * step.retry.maxAttempts });
    } catch (error) {
      // Lost workers do not use up the skill's own attempts.
      if (isCancelledWait(error)) throw cancelled();
      if (isLost(error) && step.repeatable && losses < maxLosses) continue;
      throw isCancellation(error) || needsApproval(error) ? error : stepFailure(error, step);
    }
  }
}
