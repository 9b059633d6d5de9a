/** From SkillOS's errors to Temporal's. */
import { ApplicationFailure } from '@temporalio/common';
import { ERROR_CODES } from '../core/error-codes.ts';
import type { ErrorCode } from '../core/error-codes.ts';
import type { SkillosError } from '../core/errors.ts';
import { isSkillosError } from '../core/errors.ts';
import { HELD_BACK } from '../core/run.ts';
import type { Prepared } from '../core/run.ts';

export function isRetryable(error: SkillosError): boolean {
  return ERROR_CODES[error.code].retryable && error.details?.['permanent'] !== true;
}

/** Our errors carry their code as the failure's type; anything else is a fault of ours, which repeating would not mend. */
export function asApplicationFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!isSkillosError(error)) {
    const message = `Internal error: ${error instanceof Error ? error.message : String(error)}`;
    const cause = error instanceof Error ? { cause: error } : {};
    return ApplicationFailure.create({ type: 'internal', message, nonRetryable: true, ...cause });
  }
  const delay = error.details?.['retry_after_ms'];
  const failure = ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !isRetryable(error),
    ...(typeof delay === 'number' ? { nextRetryDelay: delay } : {}),
  });
  failure.stack = ''; // ours, with paths of this machine; the skill's own is in the run's log
  return failure;
}

/** No failure of the step, which has not begun: the workflow has the run prepared, and decides by what comes of that. */
export function heldBack(verdict: Prepared): ApplicationFailure {
  const failure = ApplicationFailure.create({
    ...reasonOf(verdict),
    nonRetryable: true,
    details: [HELD_BACK],
  });
  failure.stack = ''; // it tells of nothing but this file
  return failure;
}

export function isHeldBack(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.details?.[0] === HELD_BACK;
}

/** As the Web UI shows it. */
function reasonOf(verdict: Prepared): { readonly type: ErrorCode; readonly message: string } {
  switch (verdict.status) {
    case 'blocked':
      return { type: verdict.reason, message: verdict.message };
    case 'error':
      return { type: verdict.failure.code, message: verdict.failure.message };
    case 'ready':
      return verdict.approval === undefined
        ? { type: 'plan_changed', message: 'The skill is to be run otherwise than its caller knew' }
        : { type: 'approval_required', message: verdict.approval.reasons.join('; ') };
  }
}

/** What an activity rejects with is told to Temporal in its terms. */
export async function reporting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asApplicationFailure(error);
  }
}
