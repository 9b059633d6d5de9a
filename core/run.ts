/** A run from ask to end: request, states, outcome, record. Zod-free: workflows use these types. */
import type { Carried } from './carried.ts';
import type { ErrorCode } from './error-codes.ts';
import type { AskedStep, FrozenStep, Plan } from './plan.ts';
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
  /** Proof that a holder of the server key sent this request, under this run id. */
  readonly signature?: string;
}

/** What `prepare` decided and froze; recorded in the history as the result of its local activity. */
export type Prepared =
  | {
      readonly status: 'ready';
      readonly plan: Plan<FrozenStep>;
      /** SHA-256 over everything that decides what would run. */
      readonly digest: string;
      readonly payload: Carried;
      readonly parallelLimit: number;
      readonly warnings: readonly Warning[];
    }
  | Blocked
  | { readonly status: 'error'; readonly failure: RunFailure };

/** A run that a policy does not let begin. */
export interface Blocked {
  readonly status: 'blocked';
  readonly reason: BlockReason;
  /** The rule that decided, by its name. */
  readonly policy: string;
  readonly message: string;
}

export type BlockReason = Extract<ErrorCode, 'permission_denied' | 'policy_invalid'>;

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

interface StepRecord {
  readonly number: number;
  readonly skill: SkillId;
  readonly hash: string;
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
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

const STATES: readonly RunState[] = ['queued', 'running', 'awaiting_approval', 'paused'];

export const RUN_STATUSES: readonly RunStatus[] = [...STATES, 'success', 'error', 'blocked', 'cancelled'];

export function isInFlight(status: RunStatus): status is RunState {
  return STATES.some((state) => state === status);
}
