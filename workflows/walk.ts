/** Walking a prepared plan: each step gets its input, pauses where it should, runs, and is kept in mind. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Carried } from '../core/carried.ts';
import { executePlan } from '../core/execute-plan.ts';
import { lastStepOf, stepsOf } from '../core/plan.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { Account, Ready, RunRequest } from '../core/run.ts';
import { gates } from './activities.ts';
import { approved } from './begin.ts';
import type { Desk } from './desk.ts';
import { cancelled, needsApproval } from './failures.ts';
import type { Change, StepInput, StepResult } from './messages.ts';
import type { Progress } from './progress.ts';
import { runToEnd } from './step.ts';
import type { Order, Stepper } from './stepper.ts';

export interface Done {
  readonly step: FrozenStep;
  readonly output: Carried;
}

export interface Walk {
  run(): Promise<Carried>;
  /** Steps that this run completed itself, in the order in which it did. */
  done(): readonly Done[];
  account(): Account;
  /** Whether the activity of the last step has settled the run. */
  isSettled(): boolean;
  callOf(step: FrozenStep, payload: Carried): Omit<StepInput, 'attemptsBefore'>;
}

export interface WalkOf {
  readonly request: RunRequest;
  readonly prepared: Ready;
  readonly desk: Desk;
  readonly stepper: Stepper;
  readonly progress: Progress;
}

export function openWalk({ request, prepared, desk, stepper, progress }: WalkOf): Walk {
  const { plan, payload, claim } = prepared;
  const done: Done[] = [];
  const given = new Map(request.origin?.outputs.map(({ step, output }) => [step, output]));
  const last = lastStepOf(plan);
  let { digest, approval } = prepared;
  let isSettled = false;
  stepper.know(stepsOf(plan), prepared.signals ?? false);
  return { run, done: () => done, account, isSettled: () => isSettled, callOf };

  function run(): Promise<Carried> {
    return executePlan(plan, payload, {
      runStep,
      inScope: (work) => CancellationScope.cancellable(() => work(cancelScope())),
      parallelLimit: prepared.parallelLimit,
    });
  }

  async function runStep(step: FrozenStep, previous: Carried): Promise<Carried> {
    const recorded = given.get(step.number);
    if (recorded !== undefined) {
      progress.set(step, 'done');
      return recorded;
    }
    const asked = step.payload ?? previous;
    const order = stepper.stopsBefore(step) ? await pause(step, asked) : undefined;
    const input = order?.input ?? asked;
    if (order?.command === 'skip') {
      progress.set(step, 'skipped');
      return input;
    }
    if (order?.isEdited === true) await amend({ step, input, because: 'edit' });
    return complete(step, input);
  }

  async function complete(step: FrozenStep, input: Carried): Promise<Carried> {
    stepper.began(step);
    progress.set(step, 'running');
    try {
      const { settled, ...output } = await call(step, input);
      isSettled = settled ?? false;
      done.push({ step, output });
      progress.set(step, 'done');
      return output;
    } catch (error) {
      progress.set(step, isCancellation(error) ? 'cancelled' : 'failed');
      throw error;
    }
  }

  /** What nobody has approved and an earlier step put out is looked at where it is loaded: in the activity. */
  async function call(step: FrozenStep, input: Carried): Promise<StepResult> {
    const isSeen = approval !== undefined || input === payload || input === step.payload;
    try {
      return await runToEnd({ ...callOf(step, input), ...(isSeen ? {} : { unapproved: true }) });
    } catch (error) {
      if (!needsApproval(error)) throw error;
      await amend({ step, input, because: 'risk' });
      return runToEnd(callOf(step, input));
    }
  }

  /** Steps are told who asks, and no more of the principal than that. */
  function callOf(step: FrozenStep, input: Carried): Omit<StepInput, 'attemptsBefore'> {
    const { subject, roles } = request.principal;
    return {
      step,
      payload: input,
      principal: { subject, roles },
      ...(claim === undefined ? {} : { tier: claim.tier }),
      ...(step === last ? { last: account() } : {}),
    };
  }

  function account(): Account {
    const succeeded = done.map(({ step }) => step.number);
    return { succeeded, ...(claim === undefined ? {} : { claim }) };
  }

  async function pause(step: FrozenStep, input: Carried): Promise<Order> {
    progress.set(step, 'paused');
    const order = await stepper.pause(step, input);
    if (order.command === 'abort') throw cancelled();
    return order;
  }

  /** Another input is another plan: what had to be approved must be approved again. */
  async function amend(change: Pick<Change, 'step' | 'input' | 'because'>): Promise<void> {
    const amended = await gates.amend(request, {
      ...change,
      digest,
      ...(approval && { approved: approval }),
    });
    digest = amended.digest;
    if (amended.approval === undefined) return;
    approval = amended.approval;
    await approved({ desk, progress }, { requirement: approval, digest });
    await gates.mark(request, 'running');
  }
}

function cancelScope(): () => void {
  const scope = CancellationScope.current();
  return () => scope.cancel();
}
