/** The only workflow: prepare, approve, claim, execute and settle, in an order that survives any crash. */
import {
  CancellationScope,
  allHandlersFinished,
  condition,
  defineSignal,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { stepsOf } from '../core/plans/plan.ts';
import type { Account, RunOutcome, RunRequest, Settlement } from '../core/runs/run.ts';
import { abort } from './abort.ts';
import { gates } from './activities.ts';
import { ApprovalGate } from './approval-gate.ts';
import { begin } from './begin.ts';
import { Refused, cancelled, closingFailure, runFailure } from './failures.ts';
import { openFastPath } from './fast-path.ts';
import type { FastPath } from './fast-path.ts';
import { Interpreter } from './interpreter.ts';
import { UNDO_SIGNAL } from './messages.ts';
import { openProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { rollBack } from './rollback.ts';
import { StepController } from './step-controller.ts';

/** The end of a run as the workflow sees it, and the steps that it is charged for. */
interface Ending {
  readonly settlement: Settlement;
  readonly account: Account;
}

/** Receives the Updates and signals of a run. */
interface Inbox {
  readonly approvalGate: ApprovalGate;
  readonly stepController: StepController;
  /** True if completed steps are rolled back when the run is cancelled. */
  readonly rollsBackOnCancel: () => boolean;
}

export async function run(request: RunRequest): Promise<RunOutcome> {
  assertRequest(request);
  const inbox = openInbox(request);
  const fastPath = openFastPath(request);
  const ending = await execute(request, inbox, fastPath);
  const settlement = fastPath.hasSettled(ending.settlement)
    ? ending.settlement
    : await settle(request, { ...ending, account: fastPath.withRetries(ending.account) });
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

/** With a payload key a worker reads an unencrypted request as null. */
function assertRequest(request: RunRequest | null): void {
  if (typeof request === 'object' && request !== null) return;
  throw closingFailure({
    code: 'work_refused',
    message: 'The workflow was started without an encrypted request',
  });
}

function openInbox(request: RunRequest): Inbox {
  let rollsBack = false;
  setHandler(defineSignal(UNDO_SIGNAL), () => void (rollsBack = true), {
    description: 'Roll back completed steps if the run is cancelled after this signal',
  });
  return {
    approvalGate: new ApprovalGate(request),
    stepController: new StepController(request),
    rollsBackOnCancel: () => rollsBack,
  };
}

/** Resolves to the first end that was recorded. The run closes after the answers to callers have been sent. */
function settle(request: RunRequest, { settlement, account }: Ending): Promise<Settlement> {
  return CancellationScope.nonCancellable(async () => {
    const recorded = await gates.settle(request, settlement, account);
    await condition(allHandlersFinished);
    return recorded ?? settlement;
  });
}

async function execute(request: RunRequest, inbox: Inbox, fastPath: FastPath): Promise<Ending> {
  let interpreter: Interpreter | undefined;
  let progress: Progress | undefined;
  try {
    const onlyOutput = await fastPath.open(inbox.stepController);
    if (onlyOutput !== undefined) {
      return { settlement: { status: 'success', output: onlyOutput }, account: { succeeded: [1] } };
    }
    const prepared = await gates.prepare(request);
    if (prepared.status === 'cancelled') await abort(request);
    if (prepared.status !== 'ready') return notBegun(prepared);
    progress = openProgress(stepsOf(prepared.plan));
    const begun = await begin(request, prepared, { ...inbox, progress });
    if (begun.status !== 'ready') return notBegun(begun);
    const runStep = fastPath.stepRunner(begun);
    interpreter = new Interpreter({ request, prepared: begun, progress, runStep, ...inbox });
    const output = await interpreter.run();
    return { settlement: { status: 'success', output }, account: interpreter.account() };
  } catch (error) {
    const settlement = settlementOf(error);
    if (interpreter === undefined || progress === undefined) return notBegun(settlement);
    const rollsBack =
      settlement.status === 'cancelled' ? inbox.rollsBackOnCancel() : request.noRollback !== true;
    const ending = { settlement, account: interpreter.account() };
    return rollsBack ? endWithRollback(ending, { interpreter, progress, fastPath }) : ending;
  }
}

function notBegun(settlement: Settlement): Ending {
  return { settlement, account: { succeeded: [] } };
}

async function endWithRollback(
  ending: Ending,
  {
    interpreter,
    progress,
    fastPath,
  }: { readonly interpreter: Interpreter; readonly progress: Progress; readonly fastPath: FastPath },
): Promise<Ending> {
  if (!interpreter.done.some(({ step }) => step.rollback)) return ending;
  return CancellationScope.nonCancellable(async () => {
    const success = await fastPath.findSuccess(ending.settlement);
    if (success !== undefined) return { ...ending, settlement: success };
    return { ...ending, account: { ...ending.account, undoings: await rollBack(interpreter, progress) } };
  });
}

function settlementOf(error: unknown): Settlement {
  if (isCancellation(error)) return { status: 'cancelled' };
  return error instanceof Refused ? error.blocked : { status: 'error', failure: runFailure(error) };
}
