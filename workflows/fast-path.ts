/**
 * The fast path: two shortcuts of the plain order prepare → approve → claim → execute → settle. Each saves a local
 * activity. This file and activities/fast-path.ts hold them; every other file knows the plain order only.
 *
 * 1. Opening. A request for one step that seems to need no approval is prepared and claimed by the activity of its step
 *    (`opens` in the input of the activity). The activity decides as `prepare` does. If the run may not continue at once,
 *    the activity fails as deferred before it calls the skill, and the run takes the plain order.
 * 2. Settlement. The activity of the step that completes the plan records the success of the run (`last` in its input,
 *    `settled` in its output). If it cannot, the workflow settles the run.
 *
 * Contract: no skill is called before the run is decided and claimed; the first end in the run record stands; an activity
 * whose first worker was lost returns the recorded output instead of calling the skill again.
 */
import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { lastStepsOf } from '../core/plans/plan.ts';
import type { FrozenStep } from '../core/plans/plan.ts';
import type { Account, Ready, RunRequest, Settlement } from '../core/runs/run.ts';
import { DEFERRED, isSingle, onlyStep } from '../core/runs/single-request.ts';
import type { SingleRequest } from '../core/runs/single-request.ts';
import type { Carried } from '../core/values/carried.ts';
import { gates } from './activities.ts';
import type { Last, StepResult } from './messages.ts';
import { openProgress } from './progress.ts';
import { runToEnd } from './step.ts';
import type { RunStep } from './step.ts';
import type { StepController } from './step-controller.ts';

export interface FastPath {
  /** Shortcut 1. Resolves to the output of the run, or to undefined if it takes the plain order; rejects as its step does. */
  open(stepController: StepController): Promise<Carried | undefined>;
  /** Shortcut 2. Runs the steps of a prepared plan, and lets the step that completes the plan settle the run. */
  stepRunner(prepared: Ready): RunStep;
  /** The account with the retries of all steps so far. */
  withRetries(account: Account): Account;
  /** True for a success that an activity has recorded, so that the workflow need not settle the run. */
  hasSettled(settlement: Settlement): boolean;
  /** The success of a run whose last worker was lost after it had settled the run; undefined if there is none. */
  findSuccess(settlement: Settlement): Promise<Settlement | undefined>;
}

export function openFastPath(request: RunRequest): FastPath {
  let isSettled = false;
  let retries = 0;
  /** Notes `settled` and `retries`, which are not part of the output. */
  const outputOf = ({ settled = false, retries: own = 0, ...output }: StepResult): Carried => {
    isSettled ||= settled;
    retries += own;
    return output;
  };
  return {
    async open(stepController) {
      if (!isSingle(request) || stepController.pausesBefore(1)) return undefined;
      const result = await runOnlyStep(request, stepController);
      return result === undefined ? undefined : outputOf(result);
    },
    stepRunner({ plan, claim }) {
      const lastSteps = lastStepsOf(plan).map(({ number }) => number);
      const succeeded: number[] = [];
      let retriesBefore = 0; // the steps that complete the plan add their own
      const lastOf = ({ number }: FrozenStep): { readonly last?: Last } => {
        if (!lastSteps.includes(number)) return {};
        const claimed = { succeeded: [...succeeded], ...(claim === undefined ? {} : { claim }) };
        const account = withRetries(claimed, retriesBefore);
        return { last: { ...account, ...(lastSteps.length > 1 ? { group: lastSteps } : {}) } };
      };
      return async (step, call) => {
        const result = await runToEnd(step, { ...call, ...lastOf(step) });
        succeeded.push(step.number);
        if (!lastSteps.includes(step.number)) retriesBefore += result.retries ?? 0;
        return outputOf(result);
      };
    },
    withRetries: (account) => withRetries(account, retries),
    hasSettled: ({ status }) => isSettled && status === 'success',
    async findSuccess(settlement) {
      if (settlement.status !== 'error' || settlement.failure.code !== 'outcome_unknown') return undefined;
      const result = await gates.standing(request);
      return result === undefined ? undefined : { status: 'success', output: outputOf(result) };
    },
  };
}

function withRetries(account: Account, retries: number): Account {
  return retries === 0 ? account : { ...account, retries };
}

/** Resolves to undefined if the activity was deferred. */
async function runOnlyStep(
  request: SingleRequest,
  stepController: StepController,
): Promise<StepResult | undefined> {
  const step = onlyStep(request);
  const progress = openProgress([step]);
  stepController.setPlan([step], false);
  stepController.markBegun(1);
  progress.set(step, 'running');
  try {
    const result = await runToEnd(step, { opens: request });
    progress.set(step, 'done');
    return result;
  } catch (error) {
    if (isDeferred(error)) {
      stepController.markDeferred(1);
      return undefined;
    }
    progress.set(step, isCancellation(error) ? 'cancelled' : 'failed');
    throw error;
  }
}

/** The activity found that the run may not continue at once, and has not called the skill. */
function isDeferred(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApplicationFailure && at.details?.[0] === DEFERRED) return true;
  }
  return false;
}
