/**
 * The names and messages of the workflow: its type, and the inputs and outputs of Updates, signals and
 * activities. Recorded histories contain them, so none may change, even where the code uses another word now:
 * `weigh` evaluates, `undoes` is a rollback, `undoings` are its results, `opens` and `last` belong to the
 * fast path.
 */
import type {
  ApprovalRequirement,
  Decision,
  DecisionWord,
  RecordedDecision,
  SignalledDecision,
} from '../core/approvals/approval.ts';
import type { ModelTier } from '../core/limits/budget.ts';
import type { Carried } from '../core/values/carried.ts';
import type { ErrorCode } from '../core/errors/error-codes.ts';
import type { FrozenStep } from '../core/plans/plan.ts';
import type {
  Account,
  Blocked,
  Claimed,
  Failed,
  Pause,
  Prepared,
  Ready,
  RunRequest,
  Settlement,
} from '../core/runs/run.ts';
import type { StepCommand, StepOrder } from '../core/runs/step-command.ts';
import type { CommandRefusal } from '../core/runs/step-ruling.ts';
import type { SingleRequest } from '../core/runs/single-request.ts';
import type { Principal } from '../core/rights/principal.ts';
import type { SkillId } from '../core/values/skill-id.ts';

export const RUN_WORKFLOW = 'run';

/** Update: argument `Decision`, result `DecisionResult`. */
export const DECIDE_UPDATE = 'decide';
/** Update: argument `StepCommand`, no result. */
export const STEP_UPDATE = 'step';
/** Signals of the Web UI, with an optional comment. */
export const DECISION_SIGNALS = { approve: 'approved', deny: 'denied' } as const;
/** Signals of the Web UI; `edit` carries the new input. */
export const STEP_SIGNALS = ['next', 'continue', 'skip', 'abort', 'edit'] as const;
/** Signal before a cancellation: roll back completed steps. */
export const UNDO_SIGNAL = 'undo_on_cancel';

/** The result of a decision; `pending` while more people must approve. */
export interface DecisionResult {
  readonly outcome: DecisionWord | 'pending';
}

/** A step command to be evaluated, and the pause that it arrives at. */
export interface OfferedCommand {
  readonly command: StepCommand;
  readonly paused?: number;
  /** The skills that run with what the command changes. */
  readonly skills: readonly SkillId[];
}

/** The evaluation of a step command. It repeats the command, because Temporal keeps the results of local activities only. */
export type Admitted =
  | { readonly isAdmitted: true; readonly order: StepOrder }
  | ({ readonly isAdmitted: false } & CommandRefusal);

/** Input of the activity that runs one step; its activity type is the skill's id. */
export interface StepInput {
  readonly step: FrozenStep;
  readonly payload: Carried;
  readonly principal: Pick<Principal, 'subject' | 'roles'>;
  /** Attempts of this step that were lost with their worker before this activity was scheduled. */
  readonly attemptsBefore: number;
  readonly tier?: ModelTier;
  /** The request does not contain the input, and nobody has approved it: a high-risk input is refused. */
  readonly unapproved?: boolean;
  /** Signature of the worker; see core/runs/permit.ts. */
  readonly permit?: string;
  /** The step may complete the plan, so its activity may settle the run; see fast-path.ts. */
  readonly last?: Last;
  /** The run belongs to a session; its record holds what the steps see of it. */
  readonly inSession?: boolean;
  /** The call is the rollback of the step with that number. */
  readonly undoes?: boolean;
  /** The W3C trace context of the request of the run. */
  readonly traceparent?: string;
}

/** The account of the run before the steps that complete the plan. */
export interface Last extends Account {
  /** The numbers of these steps in declared order, if they are a group. */
  readonly group?: readonly number[];
}

/** Input of the activity of a single request: it prepares the run, then runs its only step. */
export interface OpeningInput {
  readonly opens: SingleRequest;
  readonly attemptsBefore: number;
}

/** The output of a step; `settled` if its activity has settled the run. `retries` are its attempts beyond the first, absent without any. */
export type StepResult = Carried & { readonly settled?: boolean; readonly retries?: number };

/** A decision to be evaluated, and the question that it answers. */
export interface Offer {
  readonly requirement: ApprovalRequirement;
  readonly digest: string;
  readonly decision: Decision | SignalledDecision;
  /** Number of decisions before this one. */
  readonly position: number;
}

export type Evaluated = RecordedDecision & { readonly code?: ErrorCode };

/** An input of a step that differs from the approved plan, or that nobody has approved. */
export interface Change {
  readonly step: FrozenStep;
  readonly input: Carried;
  /** The input was edited, it is of high risk, or a policy before the step must be evaluated with it. */
  readonly because: 'edit' | 'risk' | 'policy';
  readonly digest: string;
  /** The requirement that the run was approved under; an edit requires it again. */
  readonly approved?: ApprovalRequirement;
  /** The command that edited the input; absent if a signal did. */
  readonly edit?: StepCommand;
  /** The permit of the step as it was prepared, and the input that this permit covers. */
  readonly permit?: string;
  readonly known?: Carried;
}

/** A change that people have approved under `digest`. */
export interface ApprovedChange {
  readonly change: Change;
  readonly digest: string;
}

export interface Amended {
  readonly digest: string;
  /** The approval that the new digest requires. */
  readonly approval?: ApprovalRequirement;
  /** The step before which the run waits, unless its activity has failed as `approval_required`. */
  readonly step?: number;
  /** Permits the changed input, if it requires no approval. */
  readonly permit?: string;
}

/** Result of `mark`. It repeats the input, because Temporal keeps the results of local activities and not their inputs. */
export interface Marked {
  /** The step that the run is paused before; absent if it continues. */
  readonly step?: number;
  /** Permits the input that was approved. */
  readonly permit?: string;
}

/** The local activities around the steps. All are idempotent by workflow id and execution id. */
export interface GateActivities {
  /** Decides and freezes the plan. Claims it if no approval is required, else records that the run waits for one. */
  prepare(request: RunRequest): Promise<Prepared>;
  /** Evaluates a decision and records it, even if it does not count. */
  weigh(request: RunRequest, offer: Offer): Promise<Evaluated>;
  /** After an approval: checks rights, circuits and budget as they are now, reserves the cost, and records the run as begun. */
  claim(request: RunRequest, prepared: Ready): Promise<Claimed | Blocked | Failed>;
  /** Returns the digest of the changed plan and the approval it requires, and records that the run waits for that. */
  amend(request: RunRequest, change: Change): Promise<Amended>;
  /** Records that the run is paused before a step, or continues, which it may do with a change that was approved. */
  mark(request: RunRequest, state: Pause | 'running', approved?: ApprovedChange): Promise<Marked>;
  /** Evaluates a step command of a signed run: its signature, what its sender saw, and the sender's rights. */
  admit(request: RunRequest, offer: OfferedCommand): Promise<Admitted>;
  /** Requests the cancellation of this run. */
  abort(request: RunRequest): Promise<void>;
  /** Returns the recorded output if the run was settled by its last step before the worker of that step was lost. */
  standing(request: RunRequest): Promise<StepResult | undefined>;
  /** Records the end of the run, charges its steps and releases the rest of its claim. Returns the first end that was recorded. */
  settle(request: RunRequest, settlement: Settlement, account?: Account): Promise<Settlement>;
}
