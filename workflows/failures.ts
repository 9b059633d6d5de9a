/** Converts Temporal's failures to the run's own, and the run's failure to the one that closes the workflow. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  TimeoutFailure,
  isCancellation,
} from '@temporalio/workflow';
import type { ErrorCode } from '../core/errors/error-codes.ts';
import type { ScheduledStep } from '../core/plans/plan.ts';
import type { JsonObject } from '../core/json.ts';
import type { Blocked, RunFailure } from '../core/runs/run.ts';

/** A step that failed after its last attempt, with the failure for the run record. */
class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly failure: RunFailure;

  constructor(failure: RunFailure, cause: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/** A run that people denied, or that nobody approved in time. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly blocked: Blocked;

  constructor(blocked: Blocked) {
    super(blocked.message);
    this.blocked = blocked;
  }
}

/** The failure that rejects an Update. */
export function refusal(code: ErrorCode, message: string, details?: JsonObject): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    ...(details === undefined ? {} : { details: [details] }),
  });
}

/** True if the step's activity found that people must approve its input first. */
export function needsApproval(error: unknown): boolean {
  return hasCode(error, 'approval_required');
}

/** True if the step was cancelled while its activity found no slot: otherwise Temporal would have delivered it again. */
export function isCancelledWait(error: unknown): boolean {
  return hasCode(error, 'concurrency_limited');
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  if (!(error instanceof ActivityFailure) || !(error.cause instanceof ApplicationFailure)) return false;
  return error.cause.type === code;
}

/** True if the last attempt ended because its worker was lost, and not by the skill. */
export function isLost(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}

/** Converts the failure of an activity to a `StepFailure`; a cancellation is returned unchanged. */
export function stepFailure(error: unknown, step: ScheduledStep): unknown {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) return error;
  const activity = error;
  if (isLost(error)) {
    const lost = `Worker lost while skill "${step.skill}" ran`;
    return step.repeatable
      ? failed('skill_crashed', `${lost}, in every attempt`)
      : failed('outcome_unknown', `${lost}; it may or may not have had its effect`);
  }
  const { code, message } = runFailure(error);
  return failed(code, message);

  function failed(code: ErrorCode, message: string): StepFailure {
    return new StepFailure({ code, message, step: step.number, ...attemptsIn(activity) }, activity);
  }
}

/** The number of attempts, which the activity adds to the details of a failure after the first. */
function attemptsIn({ cause }: ActivityFailure): Pick<RunFailure, 'attempts'> {
  const details = cause instanceof ApplicationFailure ? cause.details : undefined;
  const attempts = (details?.[0] as Pick<RunFailure, 'attempts'> | null | undefined)?.attempts;
  return attempts === undefined ? {} : { attempts };
}

/** The failure as the run record holds it. */
export function runFailure(error: unknown): RunFailure {
  if (error instanceof StepFailure) return error.failure;
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof ApplicationFailure ? cause.type : undefined;
  return { code: (code ?? 'internal') as ErrorCode, message };
}

/** Thrown by the workflow so that it closes as Failed with the code of the failure. */
export function closingFailure(failure: RunFailure): ApplicationFailure {
  const closing = ApplicationFailure.create({
    type: failure.code,
    message: failure.message,
    nonRetryable: true,
  });
  closing.stack = ''; // it names this file and paths of the worker, not the skill
  return closing;
}

export function cancelled(): CancelledFailure {
  return new CancelledFailure('Run cancelled');
}
