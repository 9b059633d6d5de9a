/** Converts SkillOS's errors to Temporal's failures. */
import { ApplicationFailure } from '@temporalio/common';
import { errorText, isErrorLike } from '../core/errors/error-chain.ts';
import { ERROR_CODES } from '../core/errors/error-codes.ts';
import type { SkillosError } from '../core/errors/errors.ts';
import { isSkillosError } from '../core/errors/errors.ts';

export function isRetryable(error: SkillosError): boolean {
  return ERROR_CODES[error.code].retryable && error.details?.['permanent'] !== true;
}

/**
 * The code of a `SkillosError` becomes the failure's type. Any other error is a bug in SkillOS, so it is not retried.
 * `attempts` above 1 are in the details, from which the workflow takes them.
 */
export function asApplicationFailure(error: unknown, attempts = 1): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!isSkillosError(error)) {
    const message = `Internal error: ${isErrorLike(error) ? errorText(error) : String(error)}`;
    const cause = error instanceof Error ? { cause: error } : {};
    return ApplicationFailure.create({ type: 'internal', message, nonRetryable: true, ...cause });
  }
  const delay = error.details?.['retry_after_ms'];
  const failure = ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !isRetryable(error),
    ...(typeof delay === 'number' ? { nextRetryDelay: delay } : {}),
    ...(attempts > 1 ? { details: [{ attempts }] } : {}),
  });
  failure.stack = ''; // it holds paths of this machine; the skill's own stack is in the run's log
  return failure;
}

/** Converts what `work` rejects with to a failure of Temporal. */
export async function convertingFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asApplicationFailure(error);
  }
}
