/** A run from ask to end: request, states, outcome, record. Zod-free: workflows use these types. */
import type { ApprovalRequirement, RecordedDecision } from './approval.ts';
import type { ModelTier } from './budget.ts';
import type { Carried } from './carried.ts';
import type { ErrorCode } from './error-codes.ts';
import type { AskedStep, FrozenStep, Plan, ScheduledStep, SideEffects, Terms } from './plan.ts';
import type { SkillId } from './skill-id.ts';

/** A run that has begun and not ended. */
export type RunState = 'queued' | 'running' | 'awaiting_approval' | 'paused';

/** How an executed run ends. */
export type RunEnd = 'success' | 'error' | 'blocked' | 'cancelled';

export type RunStatus = RunState | RunEnd;

/** Who asks. `via` says how that is known: by the local user's word, or by a verified token. */
export interface Principal {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly via: 'local' | 'jwt';
  /** Granted by the token itself, besides what its roles grant; may hold wildcards. */
  readonly permissions?: readonly string[];
  /** Further claims of the token that policies may ask for. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export type Attribute = string | number | boolean | readonly (string | number | boolean)[];

/** Who asked, as far as it is kept with a run. */
export type RecordedPrincipal = Pick<Principal, 'subject' | 'roles' | 'via'>;

/** Input of the workflow: everything that was asked, nothing that was decided. */
export interface RunRequest {
  readonly plan: Plan<AskedStep>;
  readonly payload: Carried;
  readonly principal: Principal;
  readonly tenant: string;
  /** When the caller asked; ISO 8601. */
  readonly askedAt: string;
  /** Replaces the manifest's number of attempts by this plus one. */
  readonly maxRetries?: number;
  /** Digest of the plan that the caller has seen; another one ends the run `plan_changed`. */
  readonly expectedDigest?: string;
  /** Pause before each step. */
  readonly stepThrough?: boolean;
  /** Leave what completed steps did as it is when a later one fails. */
  readonly noRollback?: boolean;
  readonly origin?: Origin;
  /** For a plan of one step: under what its caller's catalog has it scheduled, so that the step need not wait for `prepare`. */
  readonly terms?: Terms;
  /** Proof that a holder of the server key sent this request, under this run id. */
  readonly signature?: string;
}

/** A request whose only step can be scheduled at once; its activity prepares the run. */
export type SingleRequest = RunRequest & {
  readonly plan: Extract<Plan<AskedStep>, { kind: 'step' }>;
  readonly terms: Terms;
};

export function isSingle(request: RunRequest): request is SingleRequest {
  return request.plan.kind === 'step' && request.terms !== undefined;
}

/** The step of a single request, as it is known before anything is decided. */
export function onlyStep({ plan, terms }: SingleRequest): ScheduledStep {
  return { number: 1, skill: plan.step.skill, ...terms };
}

/** In the details of the failure of its activity: the run may not go on at once, and the step has not begun. */
export const HELD_BACK = 'held_back';

/** The run that this one repeats from a step on. */
export interface Origin {
  readonly runId: string;
  /** The first step that runs again; those before it hand on what they are said to have put out. */
  readonly from: number;
  readonly outputs: readonly StepOutput[];
  /** Run the skills as they are now, instead of the code that the origin ran. */
  readonly latest?: boolean;
}

interface StepOutput {
  readonly step: number;
  readonly output: Carried;
}

/** What `prepare` decided and froze; recorded in the history as the result of its local activity. */
export type Prepared = Ready | Blocked | Failed;

export interface Ready {
  readonly status: 'ready';
  readonly plan: Plan<FrozenStep>;
  /** SHA-256 over everything that decides what would run. */
  readonly digest: string;
  readonly payload: Carried;
  readonly parallelLimit: number;
  readonly warnings: readonly Warning[];
  /** What the run waits for before it is claimed; without, `prepare` has claimed it. */
  readonly approval?: ApprovalRequirement;
  /** Under what the budget is held; absent before the claim. */
  readonly claim?: Claim;
  /** Whether signals, whose sender nobody knows, may steer the run. */
  readonly signals?: boolean;
}

/** What the claim holds for a run. */
export interface Claim {
  /** Names the reservation. A reset keeps it, so that what ran once is paid once. */
  readonly key: string;
  readonly tier: ModelTier;
  /** What a step costs whose manifest says nothing, in 1/10,000. */
  readonly stepCost: number;
}

export interface Failed {
  readonly status: 'error';
  readonly failure: RunFailure;
}

/** A run that a policy does not let begin. */
export interface Blocked {
  readonly status: 'blocked';
  readonly reason: BlockReason;
  /** The rule that decided, by its name. */
  readonly policy: string;
  readonly message: string;
}

export type BlockReason = Extract<
  ErrorCode,
  | 'permission_denied'
  | 'policy_invalid'
  | 'approval_denied'
  | 'approval_expired'
  | 'budget_exceeded'
  | 'circuit_open'
>;

export interface Warning {
  readonly code: 'deprecated_skill';
  readonly skill: SkillId;
  readonly message: string;
}

export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Step that failed, where one did. */
  readonly step?: number;
}

/** The result of the workflow when it completes; failure and cancel close the workflow as Failed and Canceled. */
export interface RunOutcome {
  readonly status: 'success' | 'blocked';
  readonly reason?: string;
  /** Why it was blocked, for people. */
  readonly message?: string;
  readonly output?: Carried;
}

/** How an executed run ended, as `settle` records it. */
export type Settlement =
  | { readonly status: 'success'; readonly output: Carried }
  | Blocked
  | Failed
  | { readonly status: 'cancelled' };

/** What there is to pay for. */
export interface Account {
  readonly claim?: Claim;
  /** Steps that succeeded, in the order in which they did. */
  readonly succeeded: readonly number[];
  readonly undoings?: readonly Undoing[];
}

export interface StepRecord {
  readonly number: number;
  readonly skill: SkillId;
  readonly hash: string;
  readonly sideEffects?: SideEffects;
  /** In 1/10,000; absent where an earlier run has put out what this step is said to. */
  readonly cost?: number;
}

/** What a parked run shows to those who decide. */
export interface ParkedApproval {
  readonly requirement: ApprovalRequirement;
  /** What would run; a decision names it. */
  readonly digest: string;
  /** Input of the plan, or of the step that the run stands before. */
  readonly input: Carried;
  readonly step?: number;
  /** ISO 8601. */
  readonly since: string;
  readonly decisions: readonly RecordedDecision[];
}

/** Where a run that is stepped through stands. */
export interface Pause {
  readonly step: number;
  readonly skill: SkillId;
  readonly input: Carried;
}

/** What the undoing of one completed step came to. */
export interface Undoing {
  readonly step: number;
  readonly skill: SkillId;
  /** Absent where it was undone. */
  readonly failure?: RunFailure;
}

/** One document per run: the truth for lists and outcomes, also after Temporal forgot the history. Times are ISO 8601. */
export interface RunRecord {
  readonly id: string;
  /** Temporal's run id of the execution that wrote this; a reset makes a new one. */
  readonly executionId?: string;
  readonly status: RunStatus;
  readonly reason?: string;
  /** The rule that blocked the run. */
  readonly policy?: string;
  /** Skill of a one-step plan, else `pipeline`. */
  readonly skill: string;
  readonly tenant: string;
  readonly principal: RecordedPrincipal;
  readonly digest?: string;
  readonly steps: readonly StepRecord[];
  readonly output?: Carried;
  readonly error?: RunFailure;
  readonly warnings?: readonly Warning[];
  readonly claim?: Claim;
  /** What the activity of a `SingleRequest` has frozen, for its further attempts; gone once the run is settled. */
  readonly frozen?: FrozenStep;
  /** What the run is charged, in 1/10,000, once it has ended; before, what it holds or would. */
  readonly cost?: number;
  /** The present or last wait for people. */
  readonly approval?: ParkedApproval;
  readonly pause?: Pause;
  /** Steps that succeeded, once the run has ended. */
  readonly succeeded?: readonly number[];
  readonly undoings?: readonly Undoing[];
  readonly origin?: { readonly runId: string; readonly from: number };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

const STATES: readonly RunState[] = ['queued', 'running', 'awaiting_approval', 'paused'];

export const RUN_STATUSES: readonly RunStatus[] = [...STATES, 'success', 'error', 'blocked', 'cancelled'];

export function isInFlight(status: RunStatus): status is RunState {
  return STATES.some((state) => state === status);
}
