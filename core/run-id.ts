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
  const match = RUN_ID.exec(runId);
  const asked = match ? decodeTime(match[1] as string) : 0;
  return `${String(asked).padStart(13, '0')}_${runId}`;
}

/** Name of the journal that holds what the skills of a run wrote. */
export function runLogName(runId: string): string {
  return `runs/${runId}`;
}
