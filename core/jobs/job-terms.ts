/** The terms of a job as a caller gives them, and as its request holds them. */
import { SkillosError } from '../errors/errors.ts';
import type { JobTerms } from '../runs/run.ts';
import { parseDuration } from '../values/duration.ts';
import { isoTime, msOf } from '../values/iso-time.ts';

/** Relative to the time of the request, so that a request that is repeated later has the same terms. */
export interface JobAsk {
  /** From 1, which is served first, to 5. */
  readonly priority: number;
  readonly delayMs?: number;
  /** ISO 8601. */
  readonly runAt?: string;
  /** Counts from the time at which the job may start. */
  readonly expiresMs?: number;
  readonly requeueOf?: string;
  /** The trigger whose delivery enqueues the job. */
  readonly trigger?: string;
}

export const DEFAULT_PRIORITY = 3;
const MAX_AHEAD_MS = 365 * 86_400_000;

/** The texts of a command or a request. */
export interface JobTexts {
  readonly priority?: string | undefined;
  readonly delay?: string | undefined;
  readonly runAt?: string | undefined;
  readonly expires?: string | undefined;
}

/** Names of the fields as the caller knows them, for error messages. */
export type JobFieldNames = Readonly<Record<keyof JobTexts, string>>;

/** Throws `usage` with the field if a text is invalid. `now` is Unix milliseconds. */
export function parseJobAsk(texts: JobTexts, names: JobFieldNames, now: number): JobAsk {
  const { priority, delay, runAt, expires } = texts;
  if (delay !== undefined && runAt !== undefined) {
    throw new SkillosError('usage', `Expected one of ${names.delay} and ${names.runAt}`);
  }
  return {
    priority: priority === undefined ? DEFAULT_PRIORITY : parsePriority(priority, names.priority),
    ...(delay === undefined ? {} : { delayMs: parseAhead(delay, names.delay) }),
    ...(runAt === undefined ? {} : { runAt: parseRunAt(runAt, names.runAt, now) }),
    ...(expires === undefined ? {} : { expiresMs: parsePositive(expires, names.expires) }),
  };
}

/** `askedAt` is the time of the request in Unix milliseconds. */
export function jobTermsOf(ask: JobAsk, askedAt: number): JobTerms {
  const { priority, delayMs, expiresMs, requeueOf, trigger } = ask;
  const runAt = ask.runAt ?? (delayMs === undefined ? undefined : isoTime(askedAt + delayMs));
  const from = runAt === undefined ? askedAt : Math.max(msOf(runAt), askedAt);
  return {
    priority,
    ...(runAt === undefined ? {} : { runAt }),
    ...(expiresMs === undefined ? {} : { expiresAt: isoTime(from + expiresMs) }),
    ...(requeueOf === undefined ? {} : { requeueOf }),
    ...(trigger === undefined ? {} : { trigger }),
  };
}

function parsePriority(text: string, name: string): number {
  if (/^[1-5]$/.test(text)) return Number(text);
  throw refuse(text, name, 'a whole number from 1 (first) to 5 (last)');
}

function parseAhead(text: string, name: string): number {
  const ms = parseDuration(text, name);
  if (ms <= MAX_AHEAD_MS) return ms;
  throw refuse(text, name, 'at most 365d');
}

function parsePositive(text: string, name: string): number {
  const ms = parseAhead(text, name);
  if (ms > 0) return ms;
  throw refuse(text, name, 'more than 0s');
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

function parseRunAt(text: string, name: string, now: number): string {
  const at = INSTANT.test(text) && isRealDate(text) ? msOf(text) : Number.NaN;
  if (Number.isNaN(at)) throw refuse(text, name, 'a time with its offset such as 2027-01-18T08:00:00+03:00');
  if (at > now + MAX_AHEAD_MS) throw refuse(text, name, 'a time within 365d');
  return isoTime(at);
}

/** `Date.parse` accepts February 30 as March 2. */
function isRealDate(text: string): boolean {
  const date = text.slice(0, 10);
  const midnight = msOf(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && isoTime(midnight).startsWith(date);
}

function refuse(text: string, name: string, expected: string): SkillosError {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  return new SkillosError('usage', `Invalid ${name} ${shown}: expected ${expected}`);
}
