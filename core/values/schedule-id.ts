/**
 * Ids of schedules and of their runs: `<schedule>-<time>`, followed by a number for a second run of the same
 * time.
 */
import { SkillosError } from '../errors/errors.ts';
import { isoTime, msOf } from './iso-time.ts';
import { DEFAULT_TENANT } from './tenant.ts';

const SCHEDULE_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const RULE = 'a-z 0-9 _ and -, at most 63, beginning with a letter or digit';
const FIRED_RUN_ID =
  /^(?:([a-z0-9][a-z0-9_-]{0,62})\.)?([a-z0-9][a-z0-9_-]{0,62})-(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?:-([2-9]|[1-9]\d{1,5}))?$/;

/** The scheduled time of a run, in whole seconds, and its number among the runs of that time, from 1. */
export interface FiredRun {
  readonly tenant: string;
  readonly schedule: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly attempt: number;
}

/** True if the text can be a schedule id; run ids contain a dot or a capital letter. */
export function isScheduleId(text: string): boolean {
  return SCHEDULE_ID.test(text);
}

/** Throws `invalid_schedule` if the text is not a valid id. */
export function parseScheduleId(text: string): string {
  if (isScheduleId(text)) return text;
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
  throw new SkillosError('invalid_schedule', `Invalid schedule id ${shown}: expected ${RULE}`);
}

/** `nightly`, or `acme.nightly` for a tenant other than `default`. Temporal appends `-<time>`. */
export function qualifiedScheduleId(tenant: string, schedule: string): string {
  return tenant === DEFAULT_TENANT ? schedule : `${tenant}.${schedule}`;
}

export function firedRunId({ tenant, schedule, at, attempt }: FiredRun): string {
  const id = `${qualifiedScheduleId(tenant, schedule)}-${slotTime(at)}`;
  return attempt === 1 ? id : `${id}-${attempt}`;
}

/** Returns undefined for the id of a run that was not fired by a schedule. */
export function parseFiredRunId(runId: string): FiredRun | undefined {
  const [, tenant = DEFAULT_TENANT, schedule, time, attempt = '1'] = FIRED_RUN_ID.exec(runId) ?? [];
  if (schedule === undefined || time === undefined) return undefined;
  const at = msOf(time);
  return Number.isNaN(at) ? undefined : { tenant, schedule, at, attempt: Number(attempt) };
}

/** `2027-01-18T05:00:00Z`: without milliseconds, as Temporal writes it. */
export function slotTime(at: number): string {
  return `${isoTime(at).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length)}Z`;
}
