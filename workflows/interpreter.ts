/** Interprets a prepared plan: gives each step its input, pauses before it if requested, runs it and keeps its output. */
import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import type { ApprovalRequirement } from '../core/approvals/approval.ts';
import type { Carried } from '../core/values/carried.ts';
import { executePlan } from '../core/plans/execute-plan.ts';
import { firstStepsOf, knownInput, stepsOf } from '../core/plans/plan.ts';
import type { FrozenStep } from '../core/plans/plan.ts';
import type { Account, Ready, RunRequest } from '../core/runs/run.ts';
import { abort } from './abort.ts';
import { gatesWithSummary } from './activities.ts';
import { waitForApproval } from './begin.ts';
import type { ApprovalGate } from './approval-gate.ts';
import { needsApproval } from './failures.ts';
import type { Change } from './messages.ts';
import type { Progress } from './progress.ts';
import type { RunStep, StepCall } from './step.ts';
import type { PauseResult, StepController } from './step-controller.ts';

export interface Done {
  readonly step: FrozenStep;
  readonly output: Carried;
}

/** The permit of one call; absent if the worker has no server key. */
type Permitted = Pick<StepCall, 'permit'>;

/** The permit of a changed input, and if people have approved it. */
interface Amendment {
  readonly permitted: Permitted;
  readonly isApproved: boolean;
}

type GivenChange = Pick<Change, 'step' | 'input' | 'because' | 'edit'>;

export interface InterpreterInput {
  readonly request: RunRequest;
  readonly prepared: Ready;
  readonly approvalGate: ApprovalGate;
  readonly stepController: StepController;
  readonly progress: Progress;
  readonly runStep: RunStep;
}

export class Interpreter {
  readonly #of: InterpreterInput;
  /** Outputs by step number that a fork takes from its origin. */
  readonly #recorded: ReadonlyMap<number, Carried>;
  readonly #first: ReadonlySet<FrozenStep>;
  readonly #done: Done[] = [];
  #digest: string;
  #approval: ApprovalRequirement | undefined;
  /** Number of changes that are evaluated or wait for approval, and the end of the last of them. */
  #amending = 0;
  #lastAmendment: Promise<void> = Promise.resolve();

  constructor(of: InterpreterInput) {
    const { request, prepared, stepController } = of;
    this.#of = of;
    this.#recorded = new Map(request.origin?.outputs.map(({ step, output }) => [step, output]));
    this.#first = new Set(firstStepsOf(prepared.plan));
    this.#digest = prepared.digest;
    this.#approval = prepared.approval;
    stepController.setPlan(stepsOf(prepared.plan), prepared.signals ?? false);
  }

  run(): Promise<Carried> {
    const { plan, payload, parallelLimit } = this.#of.prepared;
    return executePlan(plan, payload, {
      runStep: (step, previous) => this.#runStep(step, previous),
      inScope: (work) => CancellationScope.cancellable(() => work(cancelScope())),
      parallelLimit,
    });
  }

  /** The steps that this run completed itself, in the order of their completion. */
  get done(): readonly Done[] {
    return this.#done;
  }

  account(): Account {
    const { claim } = this.#of.prepared;
    const succeeded = this.#done.map(({ step }) => step.number);
    return { succeeded, ...(claim === undefined ? {} : { claim }) };
  }

  /** The call of the rollback skill of a step, with the output of the step. */
  rollbackCallOf(rollback: FrozenStep, output: Carried): StepCall {
    const permit = this.#of.prepared.permits?.[rollback.number - 1]?.rollback;
    return { ...this.#callOf(rollback, output), undoes: true, ...(permit === undefined ? {} : { permit }) };
  }

  /** A step receives only the subject and the roles of the principal. */
  #callOf(step: FrozenStep, input: Carried): StepCall {
    const { request, prepared } = this.#of;
    const { principal, session, traceparent } = request;
    const { subject, roles } = principal;
    return {
      step,
      payload: input,
      principal: { subject, roles },
      ...(prepared.claim === undefined ? {} : { tier: prepared.claim.tier }),
      ...(session === undefined ? {} : { inSession: true }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  #runStep(step: FrozenStep, previous: Carried): Promise<Carried> {
    const { progress, stepController } = this.#of;
    const recorded = this.#recorded.get(step.number);
    if (recorded !== undefined) {
      progress.set(step, 'done');
      return Promise.resolve(recorded);
    }
    const input = step.payload ?? previous;
    return stepController.pausesBefore(step.number)
      ? this.#runAfterPause(step, input)
      : this.#complete(step, input);
  }

  async #runAfterPause(step: FrozenStep, given: Carried): Promise<Carried> {
    const { command, input, edit } = await this.#pause(step, given);
    if (command === 'skip') {
      this.#of.progress.set(step, 'skipped');
      return input;
    }
    if (edit === undefined) return this.#complete(step, input);
    const by = edit === 'signal' ? {} : { edit };
    const { permitted } = await this.#amend({ step, input, because: 'edit', ...by });
    return this.#complete(step, input, permitted);
  }

  async #complete(step: FrozenStep, input: Carried, amended?: Permitted): Promise<Carried> {
    const { progress, stepController } = this.#of;
    stepController.markBegun(step.number);
    progress.set(step, 'running');
    try {
      const output = await this.#call(step, input, amended);
      this.#done.push({ step, output });
      progress.set(step, 'done');
      return output;
    } catch (error) {
      progress.set(step, isCancellation(error) ? 'cancelled' : 'failed');
      throw error;
    }
  }

  /**
   * An input that the request does not contain is checked for risk in the activity, which loads it, also if the run was
   * approved: an approval covers the input that was shown. `amended` permits an edited input.
   */
  async #call(step: FrozenStep, input: Carried, amended?: Permitted): Promise<Carried> {
    const { runStep } = this.#of;
    const call = this.#callOf(step, input);
    const shown = amended ?? (this.#isGated(step) ? await this.#passGate(step, input) : undefined);
    const isShown = shown !== undefined || input === this.#knownInput(step);
    const permitted = { ...call, ...(shown ?? this.#permitOf(step)) };
    try {
      return await runStep(step, isShown ? permitted : { ...permitted, unapproved: true });
    } catch (error) {
      if (!needsApproval(error)) throw error;
      const { permitted: approved } = await this.#amend({ step, input, because: 'risk' });
      return runStep(step, { ...call, ...approved });
    }
  }

  /** Histories from before policies of steps have no gated steps, so they contain no `amend` here. */
  #isGated({ number }: FrozenStep): boolean {
    return this.#of.prepared.gated?.includes(number) ?? false;
  }

  /** Resolves to undefined if no policy requires an approval of this input. */
  async #passGate(step: FrozenStep, input: Carried): Promise<Permitted | undefined> {
    const { isApproved, permitted } = await this.#amend({ step, input, because: 'policy' });
    return isApproved ? permitted : undefined;
  }

  #knownInput(step: FrozenStep): Carried | undefined {
    return knownInput(step, this.#first.has(step) ? this.#of.prepared.payload : undefined);
  }

  #permitOf({ number }: FrozenStep): Permitted {
    const permit = this.#of.prepared.permits?.[number - 1]?.step;
    return permit === undefined ? {} : { permit };
  }

  async #pause(step: FrozenStep, input: Carried): Promise<PauseResult> {
    const { progress, stepController } = this.#of;
    progress.set(step, 'paused');
    const result = await stepController.pause(step, input).catch((error: unknown) => {
      progress.set(step, 'cancelled');
      throw error;
    });
    if (result.command === 'abort') await abort(this.#of.request);
    return result;
  }

  /** One at a time: a run waits for one approval, whose digest continues that of the approval before it. */
  #amend(given: GivenChange): Promise<Amendment> {
    const isContended = this.#amending > 0 && patched('approvals-in-turn');
    const turn = isContended ? this.#lastAmendment.then(() => this.#amendNow(given)) : this.#amendNow(given);
    this.#amending++;
    this.#lastAmendment = turn.then(
      () => void this.#amending--,
      () => void this.#amending--,
    );
    return turn;
  }

  /** Another input makes another plan, which must be approved again if the first had to be. */
  async #amendNow(given: GivenChange): Promise<Amendment> {
    const { request, progress } = this.#of;
    const approval = this.#approval;
    const known = this.#knownInput(given.step);
    const change: Change = {
      ...given,
      ...this.#permitOf(given.step),
      digest: this.#digest,
      ...(known === undefined ? {} : { known }),
      ...(approval === undefined ? {} : { approved: approval }),
    };
    const summary = `${REASONS[change.because]} of step ${change.step.number}`;
    const amended = await gatesWithSummary(summary).amend(request, change);
    const { digest } = amended;
    this.#digest = digest;
    if (amended.approval === undefined) return { permitted: permitIn(amended), isApproved: false };
    this.#approval = amended.approval;
    progress.set(change.step, 'waiting for approval');
    await waitForApproval(this.#of, { requirement: amended.approval, digest });
    progress.set(change.step, 'running');
    const marked = await gatesWithSummary('continues').mark(request, 'running', { change, digest });
    return { permitted: permitIn(marked), isApproved: true };
  }
}

const REASONS: Readonly<Record<Change['because'], string>> = {
  edit: 'edited input',
  risk: 'high-risk input',
  policy: 'policies about the input',
};

function permitIn({ permit }: Permitted): Permitted {
  return permit === undefined ? {} : { permit };
}

function cancelScope(): () => void {
  const scope = CancellationScope.current();
  return () => scope.cancel();
}
