/** How a failure is told: one line and a hint for people, `skillos.error/v1` for machines; a stack for nobody. */
import { ERROR_CODES } from '../core/error-codes.ts';
import { SkillosError } from '../core/errors.ts';
import type { ExitCode } from '../core/exit-codes.ts';

interface Report {
  readonly text: string;
  readonly exit: ExitCode;
}

export function renderError(error: unknown, how: { json: boolean; debug: boolean }): Report {
  const known = asSkillosError(error);
  const { exit, remedy } = ERROR_CODES[known.code];
  const hint = known.hint ?? remedy;
  const stack = how.debug && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  if (!how.json) return { text: `Error: ${known.message}\nhint: ${hint}${stack}\n`, exit };
  const document = {
    schema: 'skillos.error/v1',
    code: known.code,
    message: known.message,
    hint,
    ...(known.details === undefined ? {} : { details: known.details }),
  };
  return { text: `${JSON.stringify(document, null, 2)}\n`, exit };
}

function asSkillosError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new SkillosError('internal', `Internal error: ${text}`, { cause: error });
}
