/** How a failure is told: one line and a hint for people, `skillos.error/v1` for machines; a stack for nobody. */
import { ERROR_CODES } from '../core/error-codes.ts';
import { errorDocument } from '../core/error-document.ts';
import { SkillosError } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';

interface Report {
  readonly text: string;
  readonly exit: ExitCode;
}

export function renderError(error: unknown, how: { json: boolean; debug: boolean }): Report {
  const known = asSkillosError(error);
  const { exit } = ERROR_CODES[known.code];
  const document = errorDocument(known);
  const stack = how.debug && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  if (!how.json) return { text: `Error: ${known.message}\nhint: ${document.hint}${stack}\n`, exit };
  return { text: `${JSON.stringify(document, null, 2)}\n`, exit };
}

function asSkillosError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new SkillosError('internal', `Internal error: ${text}`, { cause: error });
}
