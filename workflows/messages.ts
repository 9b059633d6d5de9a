/** Names that cross the Temporal border: the workflow type, and what it and its activities say to each other. */
import type { Carried } from '../core/carried.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { Blocked, Prepared, Principal, RunFailure, RunRequest } from '../core/run.ts';

export const RUN_WORKFLOW = 'run';

/** Input of the activity that runs one step; its activity type is the skill's id. */
export interface StepInput {
  readonly step: FrozenStep;
  readonly payload: Carried;
  readonly principal: Pick<Principal, 'subject' | 'roles'>;
  /** Attempts of this step that were lost with their worker before this activity was scheduled. */
  readonly attemptsBefore: number;
}

/** How an executed run ended, as `settle` records it. */
export type Settlement =
  | { readonly status: 'success'; readonly output: Carried }
  | Blocked
  | { readonly status: 'error'; readonly failure: RunFailure }
  | { readonly status: 'cancelled' };

/** The activities around the skills; both are idempotent by workflow id and execution id. */
export interface GateActivities {
  /** Reads, decides and freezes; where nothing parks the run, it also claims: writes the run record. */
  prepare(request: RunRequest): Promise<Prepared>;
  /** Writes how the run ended, whatever came of `prepare`. */
  settle(request: RunRequest, settlement: Settlement): Promise<void>;
}
