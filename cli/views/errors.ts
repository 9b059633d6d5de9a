/**
 * An error as output: one line and a hint for people, `skillos.error/v1` for machines; a stack only with
 * `SKILLOS_DEBUG`.
 */
import { storageError } from '../../adapters/files/files.ts';
import { errorText, isErrorLike } from '../../core/errors/error-chain.ts';
import { ERROR_CODES } from '../../core/errors/error-codes.ts';
import { errorDocument } from '../../core/errors/error-document.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { filledHint } from '../../core/rights/error-hint.ts';
import type { Environment } from '../../core/settings/config.ts';
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
  /** The command that they name, such as `runs show`. */
  readonly command?: string | undefined;
  /** Names the folders of the user, for hints about them. */
  readonly env?: Environment;
}

export function renderError(
  error: unknown,
  { json, debug, argv = [], command, env = {} }: ReportOptions,
): Report {
  const known = asSkillosError(error);
  const { exit } = ERROR_CODES[known.code];
  const document = errorDocument(known);
  const hint = folderHint(known.cause, env) ?? fillHint(document.hint, known.message, { argv, command });
  const filled = { ...document, hint };
  if (json) return { text: `${jsonText(filled)}\n`, exit };
  const stack = debug && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return { text: forTerminal(`${errorLine(known)}\nhint: ${filled.hint}${stack}\n`), exit };
}

/** Returns `Error: <message> (<code>)`; `skillos explain` knows the code. */
export function errorLine({ code, message }: { readonly code: string; readonly message: string }): string {
  return `Error: ${message} (${code})`;
}

/** Fills in names that the message or the command has; without a run, the caller's latest. */
function fillHint(
  hint: string,
  message: string,
  { argv = [], command }: Pick<ReportOptions, 'argv' | 'command'>,
): string {
  return filledHint(hint, { message, words: argv })
    .replaceAll(/<(?:run|job)>/g, '@latest')
    .replaceAll('<command>', () => command ?? '<command>');
}

function asSkillosError(error: unknown): SkillosError {
  if (error instanceof SkillosError) return error;
  if (isFileError(error)) return storageError(`Cannot use ${JSON.stringify(error.path)}`, error);
  const text = isErrorLike(error) ? errorText(error) : String(error);
  return new SkillosError('internal', `Internal error: ${text}`, { cause: error });
}

type FileError = NodeJS.ErrnoException & { readonly path: string };

/** True for a file or folder that the system refuses: no bug of SkillOS, but a fact of this machine. */
function isFileError(error: unknown): error is FileError {
  if (!(error instanceof Error)) return false;
  const { errno, path } = error as NodeJS.ErrnoException;
  return typeof errno === 'number' && typeof path === 'string';
}

/** What SkillOS makes below the folders of the user, and the variable that names each. */
const FOLDERS = [
  ['SKILLOS_STATE_DIR', '/'],
  ['SKILLOS_CACHE_DIR', '/'],
  ['XDG_STATE_HOME', '/skillos'],
  ['XDG_CACHE_HOME', '/skillos'],
  ['TMPDIR', '/skillos-'],
  ['HOME', '/.local/state/skillos'],
  ['HOME', '/.cache/skillos'],
] as const;

/** Names the variable that put a file where it cannot be; undefined if none did. */
function folderHint(error: unknown, env: Environment): string | undefined {
  if (!isFileError(error)) return undefined;
  const { path } = error;
  const [variable] =
    FOLDERS.find(([name, below]) => env[name] && `${path}/`.startsWith(`${env[name]}${below}`)) ?? [];
  if (variable === undefined) return undefined;
  return `${JSON.stringify(path)} follows from ${variable}: set it to a folder that you may write into`;
}
