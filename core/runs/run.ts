/** A run: request, states, outcome, record. Without zod: workflows use these types. */
import type { ApprovalRequirement } from '../approvals/approval.ts';
import type { ParkedApproval } from '../approvals/parked-approval.ts';
import type { ModelTier } from '../limits/budget.ts';
import type { Principal, RecordedPrincipal } from '../rights/principal.ts';
import type { RunSession } from '../sessions/session.ts';
import type { Carried } from '../values/carried.ts';
import type { ErrorCode } from '../errors/error-codes.ts';
import type { RequestedStep, FrozenStep, Plan, SideEffects, Terms, Warning } from '../plans/plan.ts';
import type { SkillId } from '../values/skill-id.ts';

/** States of a run that has not ended. */
export type RunState = 'queued' | 'running' | 'awaiting_approval' | 'paused';

/** Final states of a run. */
export type RunEnd = 'success' | 'error' | 'blocked' | 'cancelled';

export type RunStatus = RunState | RunEnd;

/** Input of the workflow: the request of the caller, before any decision. */
export interface RunRequest {
  readonly plan: Plan<RequestedStep>;
  readonly payload: Carried;
  readonly principal: Principal;
  readonly tenant: string;
  /** Time of the request; ISO 8601. */
  readonly askedAt: string;
  /** The query that was routed to the plan. */
  readonly query?: string;
  /** Overrides the number of attempts in manifests: attempts are this plus one. */
  readonly maxRetries?: number;
  /** Digest of the plan that was shown to the caller; a different plan ends the run with `plan_changed`. */
  readonly expectedDigest?: string;
  /** Pauses the run before each step. */
  readonly stepThrough?: boolean;
  /** Disables the rollback of completed steps after a failure. */
  readonly noRollback?: boolean;
  readonly origin?: Origin;
  /** The schedule that starts runs with this request; its signature is made under the schedule's id then. */
  readonly schedule?: string;
  /** Present if the run waits in the jobs queue for a worker. */
  readonly job?: JobTerms;
  /** For a plan of one step: how to schedule the step before `prepare`, from the caller's catalog. */
  readonly terms?: Terms;
  readonly session?: RunSession;
  /** The W3C trace context of the request. */
  readonly traceparent?: string;
  /** Result of `signRequest`. */
  readonly signature?: string;
}

/** The run that this one repeats from a step on. */
export interface Origin {
  readonly runId: string;
  /** Number of the first step that runs again; earlier steps pass on `outputs`. */
  readonly from: number;
  readonly outputs: readonly StepOutput[];
  /** Freezes the present code of the skills instead of using the code of the origin. */
  readonly latest?: boolean;
}

/** Time and priority at which a job is served. */
export interface JobTerms {
  /** From 1, which is served first, to 5. */
  readonly priority: number;
  /** The job starts at this time at the earliest; ISO 8601. */
  readonly runAt?: string;
  /** A job that has not started by then is cancelled; ISO 8601. */
  readonly expiresAt?: string;
  /** The job that this one repeats. */
  readonly requeueOf?: string;
  /** The trigger whose delivery has enqueued the job. */
  readonly trigger?: string;
}

/** A job in its run record. */
export interface JobState extends JobTerms {
  /** The signed request, to start the job if its workflow is missing and to requeue it; absent after a success. */
  readonly request?: RunRequest;
  /** The next attempt of the step that has failed; it is in the past while that attempt runs. */
  readonly retry?: JobRetry;
  /** The job that repeats this one. */
  readonly requeuedAs?: string;
  /** True once a cancellation was requested of a job that had begun. */
  readonly isCancelling?: boolean;
}

interface JobRetry {
  /** ISO 8601. */
  readonly at: string;
  /** Attempts that have failed. */
  readonly failures: number;
  readonly failure: RunFailure;
}

interface StepOutput {
  readonly step: number;
  readonly output: Carried;
}

/** Result of `prepare`. The history records it as the result of a local activity. */
export type Prepared = Ready | Blocked | Failed | Cancelled;

export interface Ready {
  readonly status: 'ready';
  readonly plan: Plan<FrozenStep>;
  /** SHA-256 over the plan, its code, limits and input. */
  readonly digest: string;
  readonly payload: Carried;
  readonly parallelLimit: number;
  readonly warnings: readonly Warning[];
  /** Approval that is required before the claim; if absent, `prepare` has made the claim. */
  readonly approval?: ApprovalRequirement;
  /** Numbers of the steps before which `amend` evaluates the policies, because their input is not known before the run. */
  readonly gated?: readonly number[];
  /** Signature of a parked plan, without which the worker does not claim it; see core/runs/permit.ts. */
  readonly seal?: string;
  /** Permits of the steps of a claimed plan, by their numbers; absent if the worker has no server key. */
  readonly permits?: readonly StepPermits[];
  /** Absent before the claim. */
  readonly claim?: Claim;
  /** True if signals, whose sender is not verified, may control the run. */
  readonly signals?: boolean;
}

/** The signatures without which the worker runs neither a step nor its rollback. */
export interface StepPermits {
  readonly step: string;
  readonly rollback?: string;
}

/** The claim of a run on budget and circuits. */
export interface Claim {
  /** Key of the reservation. A reset keeps the key, so that each step is charged once. */
  readonly key: string;
  readonly tier: ModelTier;
  /** Cost of a step without a cost in its manifest, in 1/10,000. */
  readonly stepCost: number;
}

/** Result of the claim of a parked run. */
export type Claimed = Claim & Pick<Ready, 'permits'>;

export interface Failed {
  readonly status: 'error';
  readonly failure: RunFailure;
}

/** A job that expired, or was cancelled, before it started. */
export interface Cancelled {
  readonly status: 'cancelled';
  readonly reason?: 'expired';
}

/** A run that a policy denies. */
export interface Blocked {
  readonly status: 'blocked';
  readonly reason: BlockReason;
  /** Name of the rule that decided. */
  readonly policy: string;
  readonly message: string;
}

type BlockReason = Extract<
  ErrorCode,
  | 'permission_denied'
  | 'policy_invalid'
  | 'approval_denied'
  | 'approval_expired'
  | 'budget_exceeded'
  | 'circuit_open'
>;

export interface RunFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Number of the step that failed, if a step did. */
  readonly step?: number;
  /** Attempts of that step; absent if it was one, or if its worker was lost. */
  readonly attempts?: number;
}

/** Result of a workflow that completes. Failed and cancelled runs close the workflow as Failed and Canceled. */
export interface RunOutcome {
  readonly status: 'success' | 'blocked';
  readonly reason?: string;
  /** Reason of the block, for people. */
  readonly message?: string;
  readonly output?: Carried;
}

/** The end of a run, as recorded by `settle`. */
export type Settlement =
  { readonly status: 'success'; readonly output: Carried } | Blocked | Failed | Cancelled;

/** The steps to charge. */
export interface Account {
  readonly claim?: Claim;
  /** Numbers of succeeded steps, in order of completion. */
  readonly succeeded: readonly number[];
  /** Attempts of these steps beyond their first; absent if there were none. */
  readonly retries?: number;
  readonly undoings?: readonly RollbackResult[];
}

export interface StepRecord {
  readonly number: number;
  readonly skill: SkillId;
  readonly hash: string;
  readonly variant?: string;
  readonly sideEffects?: SideEffects;
  /** In 1/10,000; absent if the output comes from an earlier run. */
  readonly cost?: number;
}

/** The step before which a run is paused. */
export interface Pause {
  readonly step: number;
  readonly skill: SkillId;
  readonly input: Carried;
}

/** Result of the rollback of one completed step. */
export interface RollbackResult {
  readonly step: number;
  readonly skill: SkillId;
  /** Absent if the rollback succeeded. */
  readonly failure?: RunFailure;
}

/** The record of a run. Lists and outcomes come from it, also after Temporal deleted the history. Times are ISO 8601. */
export interface RunRecord {
  readonly id: string;
  /** Temporal run id of the execution that wrote the record; a reset starts a new one. */
  readonly executionId?: string;
  /** The executions that the operator has reset, oldest first. */
  readonly resetExecutions?: readonly string[];
  /** The worker refused the signature of the request, so anybody may have sent it: it is never repeated. */
  readonly isUnsigned?: true;
  readonly status: RunStatus;
  readonly reason?: string;
  /** Name of the rule that blocked the run. */
  readonly policy?: string;
  /** Skill of a plan with one step, otherwise `pipeline`. */
  readonly skill: string;
  /** Names the plan of a pipeline: the requested one until it is prepared. */
  readonly title?: string;
  readonly tenant: string;
  /** The schedule that fired the run. */
  readonly schedule?: string;
  readonly principal: RecordedPrincipal;
  /** The query that was routed to the plan. */
  readonly query?: string;
  readonly digest?: string;
  readonly steps: readonly StepRecord[];
  readonly output?: Carried;
  readonly error?: RunFailure;
  readonly warnings?: readonly Warning[];
  readonly claim?: Claim;
  /** The step that the activity of a `SingleRequest` froze, for its later attempts; removed when the run ends. */
  readonly frozen?: FrozenStep;
  /** By step, the attempt that called a skill that is not safe to repeat; see `beginStep`. Removed when the run ends. */
  readonly begun?: Readonly<Record<string, { readonly executionId: string; readonly attempt: string }>>;
  /** The skills that the run was prepared with, as stored by `preparedText`. */
  readonly skills?: Carried;
  /** In 1/10,000: the charged cost after the end, before that the reserved or expected cost. */
  readonly cost?: number;
  /** The current or last approval. */
  readonly approval?: ParkedApproval;
  /** `since` is when the step was paused or its input last edited; absent if an earlier build wrote the record. */
  readonly pause?: Pause & { readonly since?: string };
  /** Numbers of succeeded steps; set when the run ends. */
  readonly succeeded?: readonly number[];
  /** Attempts of all steps that succeeded or failed; set when the run ends, absent without such steps. */
  readonly attempts?: number;
  readonly undoings?: readonly RollbackResult[];
  readonly origin?: { readonly runId: string; readonly from: number };
  readonly session?: RunSession;
  /** `jobs` for a job, so that lists find it. */
  readonly queue?: 'jobs';
  readonly job?: JobState;
  readonly createdAt: string;
  readonly startedAt?: string;
  /** Milliseconds that the run has waited for approvals and step commands since `startedAt`; a wait counts when it ends. */
  readonly waitedMs?: number;
  readonly endedAt?: string;
  /** The last request to repeat the run, which keeps it from `storage gc`; ISO 8601. */
  readonly repeatedAt?: string;
}

const STATES: readonly RunState[] = ['queued', 'running', 'awaiting_approval', 'paused'];

export const RUN_STATUSES: readonly RunStatus[] = [...STATES, 'success', 'error', 'blocked', 'cancelled'];

export function isInFlight(status: RunStatus): status is RunState {
  return STATES.some((state) => state === status);
}
