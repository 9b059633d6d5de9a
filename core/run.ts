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

/** Who asks. `via` says how that is known. */
export interface Principal {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly via: 'local';
}

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
  | { readonly status: 'error'; readonly failure: RunFailure };

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
  /** Skill of a one-step plan, else `pipeline`. */
  readonly skill: string;
  readonly tenant: string;
  readonly principal: Principal;
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
