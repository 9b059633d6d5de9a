/** The one error type. Callers look at `code`, never at the text. */
import type { ErrorCode } from './error-codes.ts';
import type { JsonObject } from './json.ts';

export interface ErrorDetails {
  /** What to try next: a sentence or a command. */
  readonly hint?: string;
  /** Machine-readable particulars, such as `{field, expected}`; never a secret, a payload or a server path. */
  readonly details?: JsonObject;
  readonly cause?: unknown;
}

/** A fault or a misuse with a stable string code; expected answers (blocked, low confidence) are values instead. */
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
