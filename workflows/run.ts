/** The only workflow: prepare, wait for people, claim, walk the plan, settle, in an order that survives any crash. */
import {
  CancellationScope,
  allHandlersFinished,
  condition,
  defineSignal,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { stepsOf } from '../core/plan.ts';
import type { RunOutcome, RunRequest, Settlement } from '../core/run.ts';
import { gates } from './activities.ts';
import { Refused, cancelled, closingFailure, runFailure } from './failures.ts';
import { Desk } from './desk.ts';
import { UNDO_SIGNAL } from './messages.ts';
import { openProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { Stepper } from './stepper.ts';
import { begin } from './begin.ts';
import { open } from './open.ts';
import type { Ending } from './open.ts';
import { undo } from './undo.ts';
import { Walk } from './walk.ts';

/** What the world says to a run while it goes. */
interface Inbox {
  readonly desk: Desk;
  readonly stepper: Stepper;
  /** Whether a cancellation undoes what was done. */
  readonly undoesOnCancel: () => boolean;
}

export async function run(request: RunRequest): Promise<RunOutcome> {
  const ending = await execute(request, openInbox(request));
  const { settlement } = ending.isSettled ? ending : await settle(request, ending);
  switch (settlement.status) {
    case 'success':
      return settlement;
    case 'blocked':
      return { status: 'blocked', reason: settlement.reason, message: settlement.message };
    case 'cancelled':
      throw cancelled();
    case 'error':
      throw closingFailure(settlement.failure);
  }
}

function openInbox(request: RunRequest): Inbox {
  let undoes = false;
  setHandler(defineSignal(UNDO_SIGNAL), () => void (undoes = true), {
    description: 'A cancellation that follows undoes what completed steps did',
  });
  return { desk: new Desk(request), stepper: new Stepper(request), undoesOnCancel: () => undoes };
}

/** The first end that was recorded stands; answers that are on their way to callers go out before the run closes. */
function settle(
  request: RunRequest,
  { settlement, account }: Ending,
): Promise<{ readonly settlement: Settlement }> {
  return CancellationScope.nonCancellable(async () => {
    const standing = await gates.settle(request, settlement, account);
    await condition(allHandlersFinished);
    return { settlement: standing ?? settlement };
  });
}

async function execute(request: RunRequest, inbox: Inbox): Promise<Ending> {
  let walk: Walk | undefined;
  let progress: Progress | undefined;
  try {
    const opened = await open(request, inbox.stepper);
    if ('ending' in opened) return opened.ending;
    const { prepared } = opened;
    if (prepared.status !== 'ready') return unbegun(prepared);
    progress = openProgress(stepsOf(prepared.plan));
    const begun = await begin(request, prepared, { ...inbox, progress });
    if (begun.status !== 'ready') return unbegun(begun);
    walk = new Walk({ request, prepared: begun, progress, ...inbox });
    const output = await walk.run();
    return {
      settlement: { status: 'success', output },
      account: walk.account(),
      isSettled: walk.isSettled,
    };
  } catch (error) {
    const settlement = settlementOf(error);
    if (walk === undefined || progress === undefined) return unbegun(settlement);
    const isUndone = settlement.status === 'cancelled' ? inbox.undoesOnCancel() : request.noRollback !== true;
    return brokenOff({ request, settlement, walk, progress, isUndone });
  }
}

function unbegun(settlement: Settlement): Ending {
  return { settlement, account: { succeeded: [] }, isSettled: false };
}

async function brokenOff(broken: {
  readonly request: RunRequest;
  readonly settlement: Settlement;
  readonly walk: Walk;
  readonly progress: Progress;
  readonly isUndone: boolean;
}): Promise<Ending> {
  const { request, settlement, walk, progress, isUndone } = broken;
  const account = walk.account();
  if (!isUndone || !walk.done.some(({ step }) => step.rollback)) {
    return { settlement, account, isSettled: false };
  }
  return CancellationScope.nonCancellable(async () => {
    const settled = isUnsure(settlement) ? await gates.standing(request) : undefined;
    if (settled === undefined) {
      return { settlement, account: { ...account, undoings: await undo(walk, progress) }, isSettled: false };
    }
    const { settled: _, ...output } = settled;
    return { settlement: { status: 'success', output }, account, isSettled: true };
  });
}

/** Whether the run may have ended well: its last step settles it, and a worker can be lost right after. */
function isUnsure(settlement: Settlement): boolean {
  return settlement.status === 'error' && settlement.failure.code === 'outcome_unknown';
}

function settlementOf(error: unknown): Settlement {
  if (isCancellation(error)) return { status: 'cancelled' };
  return error instanceof Refused ? error.blocked : { status: 'error', failure: runFailure(error) };
}
