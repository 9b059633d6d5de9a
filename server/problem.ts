/** An error as an RFC 9457 problem document. Nothing of what broke inside goes out: no stack, no path of the server. */
import { ERROR_CODES } from '../core/error-codes.ts';
import { errorDocument } from '../core/error-document.ts';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem extends JsonObject {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
}

/** What is no `SkillosError` is a fault of ours, and its text stays here. */
export function asKnownError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  return new SkillosError('internal', 'Something in SkillOS itself broke', { cause: error });
}

/** `root` is the real path of the skills root, which no message may name. */
export function problemOf(error: SkillosError, requestId: string, root: string): Problem {
  const { code, message, hint, details } = errorDocument(error);
  const hide = (text: string) => text.replaceAll(root, '<root>');
  return {
    type: `urn:skillos:error:${code}`,
    title: titleOf(code),
    status: httpStatusOf(error),
    detail: hide(message),
    code,
    hint: hide(hint),
    ...(details === undefined ? {} : { details }),
    request_id: requestId,
  };
}

/** What ends a run in its result is, as a problem, one with what was asked. */
export function httpStatusOf({ code }: SkillosError): number {
  const { http } = ERROR_CODES[code];
  return http < 400 ? 409 : http;
}

function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words[0]?.toUpperCase() + words.slice(1);
}
