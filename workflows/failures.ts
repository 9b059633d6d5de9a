/** From Temporal's failures to a run's own, and back to how the workflow closes. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import type { ErrorCode } from '../core/error-codes.ts';
import type { ScheduledStep } from '../core/plan.ts';
import type { JsonObject } from '../core/json.ts';
import { HELD_BACK } from '../core/run.ts';
import type { Blocked, RunFailure } from '../core/run.ts';

/** A step that failed for good, with what the run record needs to know. */
class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly failure: RunFailure;

  constructor(failure: RunFailure, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/** A run that people do not let go on. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly blocked: Blocked;

  constructor(blocked: Blocked) {
    super(blocked.message);
    this.blocked = blocked;
  }
}

/** What a caller is told whose Update is not taken. */
export function refusal(code: ErrorCode, message: string, details?: JsonObject): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    ...(details === undefined ? {} : { details: [details] }),
  });
}

/** Whether the step's own activity found that people must look at its input first. */
export function needsApproval(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return false;
  return error.cause.type === 'approval_required';
}

/** Whether the activity that was to open a run has not begun its step. */
export function isHeldBack(error: unknown): boolean {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return false;
  return error.cause.details?.[0] === HELD_BACK;
}

/** Whether the last attempt ended with its worker rather than by the skill. */
export function isLost(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** What a failed activity means; a cancellation passes as it is. */
export function stepFailure(error: unknown, step: ScheduledStep): unknown {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return error;
  if (isLost(error)) {
    const lost = `Worker lost while skill "${step.skill}" ran`;
    return step.repeatable
      ? failed('skill_crashed', `${lost}, again and again`)
      : failed('outcome_unknown', `${lost}; it may or may not have had its effect`);
  }
  const { code, message } = runFailure(error);
  return failed(code, message);

  function failed(code: ErrorCode, message: string): StepFailure {
    return new StepFailure({ code, message, step: step.number }, error);
  }
}

/** The failure as the run record holds it. */
export function runFailure(error: unknown): RunFailure {
  if (error instanceof StepFailure) return error.failure;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof ApplicationFailure ? cause.type : undefined;
  return { code: (code ?? 'internal') as ErrorCode, message };
}

/** What the workflow throws so that it closes as Failed under the code that ended it. */
export function closingFailure(failure: RunFailure): ApplicationFailure {
  const closing = ApplicationFailure.create({
    type: failure.code,
    message: failure.message,
    nonRetryable: true,
  });
  closing.stack = ''; // it would tell of this file and the worker's disk, not of the skill
  return closing;
}

export function cancelled(): CancelledFailure {
  return new CancelledFailure('Run cancelled');
}
