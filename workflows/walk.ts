/** Walking a prepared plan: each step gets its input, pauses where it should, runs, and is kept in mind. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { ApprovalRequirement } from '../core/approval.ts';
import type { Carried } from '../core/carried.ts';
import { executePlan } from '../core/execute-plan.ts';
import { lastStepsOf, stepsOf } from '../core/plan.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { Account, Ready, RunRequest } from '../core/run.ts';
import { gates, gatesSaying } from './activities.ts';
import { approved } from './begin.ts';
import type { Desk } from './desk.ts';
import { needsApproval } from './failures.ts';
import type { Change, Last, StepInput, StepResult } from './messages.ts';
import type { Progress } from './progress.ts';
import { runToEnd } from './step.ts';
import type { Order, Stepper } from './stepper.ts';

export interface Done {
  readonly step: FrozenStep;
  readonly output: Carried;
}

export interface WalkOf {
  readonly request: RunRequest;
  readonly prepared: Ready;
  readonly desk: Desk;
  readonly stepper: Stepper;
  readonly progress: Progress;
}

export class Walk {
  readonly #of: WalkOf;
  readonly #given: ReadonlyMap<number, Carried>;
  /** The steps whose success ends the plan. */
  readonly #last: readonly number[];
  readonly #done: Done[] = [];
  #digest: string;
  #approval: ApprovalRequirement | undefined;
  #isSettled = false;

  constructor(of: WalkOf) {
    const { request, prepared, stepper } = of;
    this.#of = of;
    this.#given = new Map(request.origin?.outputs.map(({ step, output }) => [step, output]));
    this.#last = lastStepsOf(prepared.plan).map(({ number }) => number);
    this.#digest = prepared.digest;
    this.#approval = prepared.approval;
    stepper.know(stepsOf(prepared.plan).length, prepared.signals ?? false);
  }

  run(): Promise<Carried> {
    const { plan, payload, parallelLimit } = this.#of.prepared;
    return executePlan(plan, payload, {
      runStep: (step, previous) => this.#runStep(step, previous),
      inScope: (work) => CancellationScope.cancellable(() => work(cancelScope())),
      parallelLimit,
    });
  }

  /** Whether the activity of a last step has settled the run. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Steps that this run completed itself, in the order in which it did. */
  get done(): readonly Done[] {
    return this.#done;
  }

  account(): Account {
    const { claim } = this.#of.prepared;
    const succeeded = this.#done.map(({ step }) => step.number);
    return { succeeded, ...(claim === undefined ? {} : { claim }) };
  }

  /** Steps are told who asks, and no more of the principal than that. */
  callOf(step: FrozenStep, input: Carried): Omit<StepInput, 'attemptsBefore'> {
    const { request, prepared } = this.#of;
    const { subject, roles } = request.principal;
    return {
      step,
      payload: input,
      principal: { subject, roles },
      ...(prepared.claim === undefined ? {} : { tier: prepared.claim.tier }),
    };
  }

  /** The call of a step that with its success may end the run. */
  #callToEnd(step: FrozenStep, input: Carried): Omit<StepInput, 'attemptsBefore'> {
    const call = this.callOf(step, input);
    if (!this.#last.includes(step.number)) return call;
    const last: Last = { ...this.account(), ...(this.#last.length > 1 ? { group: this.#last } : {}) };
    return { ...call, last };
  }

  #runStep(step: FrozenStep, previous: Carried): Promise<Carried> {
    const { progress, stepper } = this.#of;
    const recorded = this.#given.get(step.number);
    if (recorded !== undefined) {
      progress.set(step, 'done');
      return Promise.resolve(recorded);
    }
    const asked = step.payload ?? previous;
    return stepper.stopsBefore(step.number) ? this.#runSteered(step, asked) : this.#complete(step, asked);
  }

  async #runSteered(step: FrozenStep, asked: Carried): Promise<Carried> {
    const { command, input, isEdited } = await this.#pause(step, asked);
    if (command === 'skip') {
      this.#of.progress.set(step, 'skipped');
      return input;
    }
    if (isEdited) await this.#amend({ step, input, because: 'edit' });
    return this.#complete(step, input);
  }

  async #complete(step: FrozenStep, input: Carried): Promise<Carried> {
    const { progress, stepper } = this.#of;
    stepper.began(step.number);
    progress.set(step, 'running');
    try {
      const { settled = false, ...output } = await this.#call(step, input);
      this.#isSettled ||= settled;
      this.#done.push({ step, output });
      progress.set(step, 'done');
      return output;
    } catch (error) {
      progress.set(step, isCancellation(error) ? 'cancelled' : 'failed');
      throw error;
    }
  }

  /** What nobody has approved and an earlier step put out is looked at where it is loaded: in the activity. */
  async #call(step: FrozenStep, input: Carried): Promise<StepResult> {
    const isSeen =
      this.#approval !== undefined || input === this.#of.prepared.payload || input === step.payload;
    try {
      return await runToEnd(step, {
        ...this.#callToEnd(step, input),
        ...(isSeen ? {} : { unapproved: true }),
      });
    } catch (error) {
      if (!needsApproval(error)) throw error;
      await this.#amend({ step, input, because: 'risk' });
      return runToEnd(step, this.#callToEnd(step, input));
    }
  }

  async #pause(step: FrozenStep, input: Carried): Promise<Order> {
    const { progress, stepper } = this.#of;
    progress.set(step, 'paused');
    const order = await stepper.pause(step, input).catch((error: unknown) => {
      progress.set(step, 'cancelled');
      throw error;
    });
    if (order.command === 'abort') await abort(this.#of.request);
    return order;
  }

  /** Another input is another plan: what had to be approved must be approved again. */
  async #amend(change: Pick<Change, 'step' | 'input' | 'because'>): Promise<void> {
    const { request } = this.#of;
    const approval = this.#approval;
    const why = change.because === 'edit' ? 'edited' : 'high risk in';
    const amended = await gatesSaying(`${why} the input of step ${change.step.number}`).amend(request, {
      ...change,
      digest: this.#digest,
      ...(approval === undefined ? {} : { approved: approval }),
    });
    this.#digest = amended.digest;
    if (amended.approval === undefined) return;
    this.#approval = amended.approval;
    await approved(this.#of, { requirement: amended.approval, digest: amended.digest });
    await gatesSaying('goes on').mark(request, 'running');
  }
}

function cancelScope(): () => void {
  const scope = CancellationScope.current();
  return () => scope.cancel();
}

/** Temporal closes a run as cancelled only where somebody asked it to cancel the run. */
async function abort(request: RunRequest): Promise<never> {
  await gates.abort(request);
  return CancellationScope.current().cancelRequested;
}
