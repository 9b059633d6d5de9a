/** From SkillOS's errors to Temporal's. */
import { ApplicationFailure } from '@temporalio/common';
import { ERROR_CODES } from '../core/error-codes.ts';
import type { SkillosError } from '../core/errors.ts';
import { isSkillosError } from '../core/errors.ts';

export function isRetryable(error: SkillosError): boolean {
  return ERROR_CODES[error.code].retryable && error.details?.['permanent'] !== true;
}

/** Our errors carry their code as the failure's type; anything else is a fault of ours and may be tried again. */
export function asApplicationFailure(error: unknown): unknown {
  if (!isSkillosError(error)) return error;
  const delay = error.details?.['retry_after_ms'];
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !isRetryable(error),
    ...(typeof delay === 'number' ? { nextRetryDelay: delay } : {}),
  });
}
