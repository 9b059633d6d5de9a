/** Runs in the skill process: describes a thrown value without paths of the server. */
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { causesOf, errorName, errorText, isErrorLike } from '../../core/errors/error-chain.ts';
import type { ErrorLike } from '../../core/errors/error-chain.ts';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Failure } from './protocol.ts';
import { MAX_FAILURE_CHARS, MAX_SECRET_CHARS } from './protocol.ts';

/** A failure that the host detects itself, with its error code. */
export class HostError extends Error {
  override readonly name: string = 'HostError';
  readonly code: ErrorCode;
  readonly details: JsonObject | undefined;

  constructor(code: ErrorCode, message: string, details?: JsonObject) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** A failed connector call. The skill may catch it and look at `code`; uncaught, it ends the step with this code. */
export class ConnectorError extends HostError {
  override readonly name = 'ConnectorError';
}

/** The worker cuts the rest, after masking. */
const MAX_MESSAGE_CHARS = MAX_FAILURE_CHARS + MAX_SECRET_CHARS;
const MAX_STACK_CHARS = 16_384;
/** V8's messages for a failed ArrayBuffer allocation; an exhausted heap ends the process instead. */
const NO_MEMORY = /^(Array buffer allocation failed|Failed to allocate memory)/;
/** The first frame of a stack in the user's own source: not Node's, not a package's, not the bundler's. */
const USER_FRAME = /^\s+at (?:.*\()?((?![\w+.-]*:|node_modules\/|\/|<|[0-9a-f]{64}\.mjs)[^()]+:\d+:\d+)\)?$/m;

/** Describes any thrown value; never throws. Paths become relative to `folders`. */
export function describeFailure(thrown: unknown, folders: readonly string[]): Failure {
  try {
    if (thrown instanceof HostError) {
      const { code, message, details } = thrown;
      return { code, message: relative(message, folders), ...(details && { details }) };
    }
    return isErrorLike(thrown) ? describeError(thrown, folders) : describeValue(thrown, folders);
  } catch {
    const message = 'The skill threw a value that cannot be read';
    return { code: 'skill_failed', message, details: { name: 'Error' } };
  }
}

function describeError(error: ErrorLike, folders: readonly string[]): Failure {
  const name = errorName(error);
  const stack = stackOf(error, folders);
  const place = USER_FRAME.exec(stack)?.[1];
  const text = relative(errorText(error), folders).slice(0, MAX_MESSAGE_CHARS);
  const message = place && text.length + place.length < MAX_FAILURE_CHARS ? `${text} (${place})` : text;
  if (name === 'RangeError' && NO_MEMORY.test(error.message)) {
    return { code: 'skill_out_of_memory', message: `The skill asked for too much memory: ${message}` };
  }
  return {
    code: 'skill_failed',
    message,
    details: { name, ...retryDetails(name, 'seconds' in error ? error.seconds : undefined) },
    ...(stack && { stack }),
  };
}

function retryDetails(name: string, seconds: unknown): JsonObject {
  if (name === 'PermanentError') return { permanent: true };
  if (name !== 'RetryAfter' || typeof seconds !== 'number' || !(seconds >= 0)) return {};
  return { retry_after_ms: Math.min(Math.round(seconds * 1000), Number.MAX_SAFE_INTEGER) };
}

function describeValue(thrown: unknown, folders: readonly string[]): Failure {
  const shown = inspect(thrown, { depth: 1, breakLength: Infinity, maxStringLength: MAX_MESSAGE_CHARS });
  const message = `Threw ${relative(shown, folders).slice(0, MAX_MESSAGE_CHARS)}, which is not an Error`;
  return { code: 'skill_failed', message, details: { name: 'Error' } };
}

/** The stack of the error and of its causes, for the log. */
function stackOf(error: ErrorLike, folders: readonly string[]): string {
  const stacks = [error, ...causesOf(error).filter(isErrorLike)].map((at, index) => {
    const stack = typeof at.stack === 'string' ? userFrames(relative(at.stack, folders)) : '';
    return index === 0 || stack === '' ? stack : `Caused by: ${stack}`;
  });
  return wholeLines(stacks.filter(Boolean).join('\n'), MAX_STACK_CHARS);
}

/** Keeps the user's frames, which are relative now; frames of Node and of this program are absolute. */
function userFrames(stack: string): string {
  const lines = stack.split('\n').filter((line) => !/^\s+at (?:.*[( ])?(?:node:|file:|\/)/.test(line));
  return lines.join('\n');
}

function relative(text: string, folders: readonly string[]): string {
  for (const folder of folders) {
    for (const prefix of [pathToFileURL(folder).href, folder]) {
      text = text.replaceAll(`${prefix}/`, '').replaceAll(`'${prefix}'`, "'.'");
    }
  }
  return text;
}

/** Cuts text so that no part of a secret is left, since the worker finds whole ones only: without the line at the cut. */
export function wholeLines(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  return `${text.slice(0, text.lastIndexOf('\n', maxChars) + 1)}...`;
}
