/** Run ids: `<domain.name or pipeline>-<ulid>`; the run id is the Temporal workflow id. */
import { decodeTime } from 'ulid';
import { SkillosError } from './errors.ts';

const RUN_ID = /^[a-z0-9][a-z0-9_.-]{0,127}-([0-7][0-9A-HJKMNP-TV-Z]{25})$/;

/** `name` is a dotted skill id or `pipeline`. */
export function runIdOf(name: string, ulid: string): string {
  return `${name}-${ulid}`;
}

export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** The text itself where it is a run id; throws `unknown_run` otherwise, as for an id that names no run. */
export function parseRunId(text: string): string {
  if (isRunId(text)) return text;
  throw new SkillosError('unknown_run', `Unknown run ${JSON.stringify(text.slice(0, 200))}`, {
    hint: 'skillos runs list',
  });
}

/** Key of the run's record: sorts by the time the run was asked for, whatever its skill. */
export function runKey(runId: string): string {
  return `${String(askedAtOf(runId) ?? 0).padStart(13, '0')}_${runId}`;
}

/** Name of the journal that holds what the skills of a run wrote. */
export function runLogName(runId: string): string {
  return `runs/${runId}`;
}

/** The ULID of the run: what joins the lines that its request left in logs. An id without one stands for itself. */
export function requestIdOf(runId: string): string {
  return RUN_ID.exec(runId)?.[1] ?? runId;
}

/** When the run was asked for, in Unix milliseconds; `undefined` where the id does not say. */
export function askedAtOf(runId: string): number | undefined {
  const ulid = RUN_ID.exec(runId)?.[1];
  return ulid === undefined ? undefined : decodeTime(ulid);
}
