/** Names that cross the Temporal border: the workflow type, and what it, its activities and its callers say to each other. */
import type {
  ApprovalRequirement,
  Decision,
  DecisionWord,
  RecordedDecision,
  SignalledDecision,
} from '../core/approval.ts';
import type { ModelTier } from '../core/budget.ts';
import type { Carried } from '../core/carried.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { FrozenStep } from '../core/plan.ts';
import type {
  Account,
  Blocked,
  Claim,
  Failed,
  Pause,
  Prepared,
  Principal,
  Ready,
  RunRequest,
  Settlement,
  SingleRequest,
} from '../core/run.ts';

export const RUN_WORKFLOW = 'run';

/** Update: argument `Decision`, result `DecisionResult`. */
export const DECIDE_UPDATE = 'decide';
/** Update: argument `StepCommand`, no result. */
export const STEP_UPDATE = 'step';
/** Signals of the Web UI, with an optional comment. */
export const DECISION_SIGNALS = { approve: 'approved', deny: 'denied' } as const;
/** Signals of the Web UI; `edit` carries the new input. */
export const STEP_SIGNALS = ['next', 'continue', 'skip', 'abort', 'edit'] as const;
/** Signal before a cancellation: undo what completed steps did. */
export const UNDO_SIGNAL = 'undo_on_cancel';

/** What a decision came to; `pending` while more people must approve. */
export interface DecisionResult {
  readonly outcome: DecisionWord | 'pending';
}

/** What to do with a run that is stepped through. `step` is a number from 1. */
export type StepCommand =
  | { readonly command: 'next' | 'continue' | 'skip' | 'abort' }
  | { readonly command: 'edit'; readonly input: Carried }
  | { readonly command: 'break'; readonly step: number };

/** Input of the activity that runs one step; its activity type is the skill's id. */
export interface StepInput {
  readonly step: FrozenStep;
  readonly payload: Carried;
  readonly principal: Pick<Principal, 'subject' | 'roles'>;
  /** Attempts of this step that were lost with their worker before this activity was scheduled. */
  readonly attemptsBefore: number;
  readonly tier?: ModelTier;
  /** The input came out of an earlier step and nobody has approved this run: one that scores high is not run. */
  readonly unapproved?: boolean;
  /** With the success of this step the run may have succeeded: then its activity settles it. */
  readonly last?: Last;
  /** This call undoes the step of that number. */
  readonly undoes?: boolean;
}

/** What there is to pay for besides the steps that end the plan. */
export interface Last extends Account {
  /** Those steps, where they are a group: by their numbers, in declared order, with the step itself. */
  readonly group?: readonly number[];
}

/** Input of the activity that runs a plan of one step from its beginning: it prepares the run, then runs the step. */
export interface OpeningInput {
  readonly opens: SingleRequest;
  readonly attemptsBefore: number;
}

/** The output of a step; `settled` where its activity has settled the run. */
export type StepResult = Carried & { readonly settled?: boolean };

/** An offered decision, and what it is about. */
export interface Offer {
  readonly requirement: ApprovalRequirement;
  readonly digest: string;
  readonly decision: Decision | SignalledDecision;
  /** Decisions before this one. */
  readonly position: number;
}

export type Weighed = RecordedDecision & { readonly code?: ErrorCode };

/** A step's input that is not what was approved, or that nobody saw before. */
export interface Change {
  readonly step: FrozenStep;
  readonly input: Carried;
  /** An edit, or an input that scores high. */
  readonly because: 'edit' | 'risk';
  readonly digest: string;
  /** What the run has been approved under; an edit voids it. */
  readonly approved?: ApprovalRequirement;
}

export interface Amended {
  readonly digest: string;
  /** What must be approved under it. */
  readonly approval?: ApprovalRequirement;
}

/** Keeps in the history what a local activity is asked, which Temporal itself does not. */
export interface Marked {
  /** The step that the run is paused before; absent where it goes on. */
  readonly step?: number;
}

/** The activities around the skills; all are idempotent by workflow id and execution id. */
export interface GateActivities {
  /** Reads, decides and freezes. Where nothing parks the run it also claims; else it records what is waited for. */
  prepare(request: RunRequest): Promise<Prepared>;
  /** Judges one offered decision and records it, whether it counts or not. */
  weigh(request: RunRequest, offer: Offer): Promise<Weighed>;
  /** After a park: decides permission, circuit and budget as they are now, holds what the plan costs, records the run as begun. */
  claim(request: RunRequest, prepared: Ready): Promise<Claim | Blocked | Failed>;
  /** The new digest, and what must be approved under it; recorded as parked where something must. */
  amend(request: RunRequest, change: Change): Promise<Amended>;
  /** Records that the run is paused before a step, or goes on. */
  mark(request: RunRequest, state: Pause | 'running'): Promise<Marked>;
  /** Asks Temporal to cancel this run. */
  abort(request: RunRequest): Promise<void>;
  /** What the last step put out, if it has settled the run before its worker was lost. */
  standing(request: RunRequest): Promise<StepResult | undefined>;
  /** Writes how the run ended, whatever came of `prepare`, and gives back what it does not use. The first end stands and is returned. */
  settle(request: RunRequest, settlement: Settlement, account?: Account): Promise<Settlement>;
}
