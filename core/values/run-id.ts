/** Run ids: `<domain.name or pipeline>-<ulid>`, or `<schedule>-<time>`. The run id is the Temporal workflow id. */
import { decodeTime, encodeTime } from 'ulid';
import { SkillosError } from '../errors/errors.ts';
import { parseFiredRunId } from './schedule-id.ts';

const RUN_ID = /^[a-z0-9][a-z0-9_.-]{0,127}-([0-7][0-9A-HJKMNP-TV-Z]{25})$/;

/** `name` is a dotted skill id or `pipeline`. */
export function runIdOf(name: string, ulid: string): string {
  return `${name}-${ulid}`;
}

export function isRunId(text: string): boolean {
  return RUN_ID.test(text) || parseFiredRunId(text) !== undefined;
}

/** Returns the text if it is a run id. Throws `unknown_run` otherwise, as for the id of a run that does not exist. */
export function parseRunId(text: string): string {
  if (isRunId(text)) return text;
  throw new SkillosError('unknown_run', `Unknown run ${JSON.stringify(text.slice(0, 200))}`, {
    hint: 'skillos runs list',
  });
}

/** Key of the run record. Keys sort by the time of the request. */
export function runKey(runId: string): string {
  return `${String(requestedAtOf(runId) ?? 0).padStart(13, '0')}_${fileName(runId)}`;
}

/** Name of the journal with the output of the skills of a run. */
export function runLogName(runId: string): string {
  return `runs/${fileName(runId)}`;
}

/** Name of the log of kept connector calls. */
export function exchangeLogName(runId: string): string {
  return `exchanges/${fileName(runId)}`;
}

/** Keys and names of journals contain no colon, but the id of a fired run does. */
function fileName(runId: string): string {
  return runId.replaceAll(':', '');
}

/** Returns the ULID of the run, which is the request id in logs; an id without a ULID is returned as it is. */
export function requestIdOf(runId: string): string {
  return RUN_ID.exec(runId)?.[1] ?? runId;
}

/** Characters of a ULID that hold the time, and random ones that tell runs of one millisecond apart. */
const SHORT_ULID = 10 + 4;

/** Returns the beginning of a run id that names this run alone: two of one name, requested in one millisecond, share it once in a million. */
export function shortRunId(runId: string): string {
  const ulid = RUN_ID.exec(runId)?.[1];
  return ulid === undefined ? runId : runId.slice(0, SHORT_ULID - ulid.length);
}

/** Time of the request in Unix milliseconds, from the ULID or the time of the firing; undefined if the id has neither. */
export function requestedAtOf(runId: string): number | undefined {
  const ulid = RUN_ID.exec(runId)?.[1];
  return ulid === undefined ? parseFiredRunId(runId)?.at : decodeTime(ulid);
}

/** At least six characters of a ULID, which leave 18 minutes; all times until 2039 begin with `01`. */
const ULID_BEGINNING = /-(01[0-9A-HJKMNP-TV-Z]{4,24})$/;
const ULID_LENGTH = 26;

/** Times of the requests whose run ids begin with this text, in Unix milliseconds, `end` exclusive; undefined if it contains none. */
export function requestTimesOf(
  beginning: string,
): { readonly start: number; readonly end: number } | undefined {
  const ulid = ULID_BEGINNING.exec(beginning)?.[1];
  if (ulid === undefined) return undefined;
  const first = decodeTime(ulid.padEnd(ULID_LENGTH, '0'));
  return { start: first, end: decodeTime(ulid.padEnd(ULID_LENGTH, 'Z')) + 1 };
}

/** A run id whose key precedes those of all runs requested at this time or later. */
export function runIdAt(time: number): string {
  return runIdOf('0', `${encodeTime(time, 10)}${'0'.repeat(16)}`);
}
