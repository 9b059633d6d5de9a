/**
 * An error as output: one line and a hint for people, `skillos.error/v1` for machines; a stack only with
 * `SKILLOS_DEBUG`.
 */
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { errorDocument } from '../../core/errors/error-document.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { isRunId } from '../../core/values/run-id.ts';
import { forTerminal, jsonText } from './plain-text.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';

interface Report {
  readonly text: string;
  readonly exit: ExitCode;
}

interface ReportOptions {
  readonly json: boolean;
  readonly debug: boolean;
  /** The words of the command, from which hints are filled in. */
  readonly argv?: readonly string[];
}

export function renderError(error: unknown, { json, debug, argv = [] }: ReportOptions): Report {
  const known = asSkillosError(error);
  const { exit } = ERROR_CODES[known.code];
  const document = errorDocument(known);
  const filled = { ...document, hint: fillHint(document.hint, known.message, argv) };
  if (json) return { text: `${jsonText(filled)}\n`, exit };
  const stack = debug && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return { text: forTerminal(`${errorLine(known)}\nhint: ${filled.hint}${stack}\n`), exit };
}

/** Returns `Error: <message> (<code>)`; `skillos explain` knows the code. */
export function errorLine({ code, message }: { readonly code: string; readonly message: string }): string {
  return `Error: ${message} (${code})`;
}

/** Replaces `<run>`, `<job>` and `<id>` by what the message or the command names; without a run, by the caller's latest. */
function fillHint(hint: string, message: string, argv: readonly string[]): string {
  const quoted = [...message.matchAll(/"([a-z0-9][^"\s]*)"/g)].map(([, text = '']) => text);
  const run = [...quoted, ...argv].find(isRunId) ?? '@latest';
  return hint.replaceAll(/<(?:run|job)>/g, run).replaceAll('<id>', quoted[0] ?? '<id>');
}

function asSkillosError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new SkillosError('internal', `Internal error: ${text}`, { cause: error });
}
