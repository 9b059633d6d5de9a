/** The error type of SkillOS. Callers look at `code`, never at the message. */
import type { ErrorCode } from './error-codes.ts';
import type { JsonObject } from '../json.ts';

export interface ErrorDetails {
  /** The next action, as a sentence or a command; default is the remedy of the code. */
  readonly hint?: string;
  /** Machine-readable details, such as `{field, expected}`; never a secret, a payload or a server path. */
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** A fault or a misuse with a stable code. Expected results (blocked, low confidence) are values, not errors. */
export class SkillosError extends Error {
  override readonly name = 'SkillosError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: JsonObject | undefined;

  constructor(code: ErrorCode, message: string, more: ErrorDetails = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.details = more.details;
  }
}

export function isSkillosError(error: unknown, code?: ErrorCode): error is SkillosError {
  return error instanceof SkillosError && (code === undefined || error.code === code);
}
