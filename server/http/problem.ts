/** Turns an error into an RFC 9457 problem document, without stack traces or paths of the server. */
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { errorDocument } from '../../core/errors/error-document.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { filledHint } from '../../core/rights/error-hint.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem extends JsonObject {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
}

/** Turns an unexpected error into `internal`; its text is not sent. */
export function asKnownError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  return new SkillosError('internal', 'An unexpected error occurred in SkillOS', { cause: error });
}

interface FailedRequest {
  readonly requestId: string;
  /** Path of its URL, whose ids complete the hint. */
  readonly path: string;
  /** The real path of the skills root, which is replaced by `<root>` in every text. */
  readonly root: string;
}

export function problemOf(error: SkillosError, { requestId, path, root }: FailedRequest): Problem {
  const { code, message, hint, details } = errorDocument(error);
  const hide = (text: string) => text.replaceAll(root, '<root>');
  return {
    type: `urn:skillos:error:${code}`,
    title: titleOf(code),
    status: httpStatusOf(error),
    detail: hide(message),
    code,
    hint: hide(hintOf({ hint, message }, path)),
    ...(details === undefined ? {} : { details }),
    request_id: requestId,
  };
}

/** Returns the status of the error's code; 409 for codes whose status as the result of a run is a success. */
export function httpStatusOf({ code }: SkillosError): number {
  const { http } = ERROR_CODES[code];
  return http < 400 ? 409 : http;
}

/** The remedy of `usage` is the help of a command, which a client of the API has not given. */
function hintOf(
  { hint, message }: { readonly hint: string; readonly message: string },
  path: string,
): string {
  if (hint === ERROR_CODES.usage.remedy) return ERROR_CODES.request_invalid.remedy;
  return filledHint(hint, { message, words: path.split('/') });
}

function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words[0]?.toUpperCase() + words.slice(1);
}
