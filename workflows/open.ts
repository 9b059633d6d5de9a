/** How a run begins: it is prepared, and where it is one step, by the activity of that step, which goes on at once. */
import { isCancellation } from '@temporalio/workflow';
import { isSingle, onlyStep } from '../core/run.ts';
import type { Account, Prepared, RunRequest, Settlement, SingleRequest } from '../core/run.ts';
import { gates } from './activities.ts';
import { isHeldBack } from './failures.ts';
import { openProgress } from './progress.ts';
import { runToEnd } from './step.ts';
import type { Stepper } from './stepper.ts';

export interface Ending {
  readonly settlement: Settlement;
  readonly account: Account;
  /** By the activity of the last step. */
  readonly isSettled: boolean;
}

/** A run that has ended already, or what was prepared. */
export type Opened = { readonly ending: Ending } | { readonly prepared: Prepared };

/** Rejects as the only step of a run does. */
export async function open(request: RunRequest, stepper: Stepper): Promise<Opened> {
  const ending = isSingle(request) && !stepper.stopsBefore(1) ? await runSingle(request, stepper) : undefined;
  return ending === undefined ? { prepared: await gates.prepare(request) } : { ending };
}

/** `undefined` where the run may not go on at once, so that it is prepared as any other. */
async function runSingle(request: SingleRequest, stepper: Stepper): Promise<Ending | undefined> {
  const step = onlyStep(request);
  const progress = openProgress([step]);
  stepper.know(1, false);
  stepper.began(1);
  progress.set(step, 'running');
  try {
    const { settled = false, ...output } = await runToEnd(step, { opens: request });
    progress.set(step, 'done');
    const settlement = { status: 'success', output } as const;
    return { settlement, account: { succeeded: [1] }, isSettled: settled };
  } catch (error) {
    if (isHeldBack(error)) {
      stepper.heldBack(1);
      return undefined;
    }
    progress.set(step, isCancellation(error) ? 'cancelled' : 'failed');
    throw error;
  }
}
