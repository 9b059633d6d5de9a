/** Derives Temporal's Schedule from the record. Equal derivations need no update of the server. */
import type { JsonValue } from '../json.ts';
import { canonicalJson, sha256 } from '../values/digest.ts';
import { msOf } from '../values/iso-time.ts';
import { civilDateOf, dayNumberOf, DAY_MS } from './civil-date.ts';
import { nextFirings } from './firings.ts';
import type { Overlap } from './overlap.ts';
import { statusOf } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { parseExpressions } from './timing.ts';
import type { Timing } from './timing.ts';
import { utcCalendars } from './utc-calendars.ts';
import type { Horizon, UtcCalendar } from './utc-calendars.ts';
import { offsetsBetween } from './zone.ts';
import type { OffsetAt } from './zone.ts';

/** The times at which Temporal fires, in UTC. */
export type DerivedTimes =
  | { readonly kind: 'at'; readonly at: string }
  | { readonly kind: 'every'; readonly seconds: number }
  | { readonly kind: 'calendars'; readonly calendars: readonly UtcCalendar[] };

export interface Derivation {
  readonly times: DerivedTimes;
  readonly startAt?: string;
  readonly endAt?: string;
  readonly overlap: Overlap;
  readonly catchupSeconds: number;
  readonly jitterSeconds: number;
  readonly pauseOnFailure: boolean;
  /** True also if no firing is left. */
  readonly isPaused: boolean;
  /** Number of firings that are left; absent without a limit. */
  readonly remaining?: number;
  readonly note: string;
  /** First word of the note; changes with every other field and with the request. */
  readonly digest: string;
}

/** Calendars cover two more years, or further for schedules that fire more rarely. */
const YEARS_AHEAD = 2;
const FIRINGS_AHEAD = 3;
/** Increase it if `utcCalendars` makes others of the same terms: workers then renew those on the server. */
const CALENDARS_VERSION = 1;

type CronTiming = Extract<Timing, { kind: 'cron' }>;

export function derive(schedule: Schedule, now: number, offsetAt: OffsetAt): Derivation {
  const digest = derivationDigest(schedule, now, offsetAt);
  const note = [`SkillOS ${digest}`, schedule.note].filter(Boolean).join(': ');
  const times = derivedTimes(schedule, now, offsetAt);
  return { times, ...simpleFields(schedule, now, offsetAt), digest, note };
}

/**
 * The digest of a derivation, without its calendars, which take milliseconds to make: they follow from the expressions, the
 * days that they cover, and the offsets of the zone.
 */
export function derivationDigest(schedule: Schedule, now: number, offsetAt: OffsetAt): string {
  const { timing, note, request } = schedule;
  const times = timing.kind === 'cron' ? calendarTerms(schedule, timing, { now, offsetAt }) : timing;
  const fields = { times, ...simpleFields(schedule, now, offsetAt), note, request };
  return sha256(canonicalJson(fields as unknown as JsonValue)).slice(0, 16);
}

/** Returns the digest in the note of a listed Schedule; undefined if the Schedule is not ours. */
export function digestIn(note: string | undefined): string | undefined {
  return /^SkillOS ([0-9a-f]{16})(?:$|: )/.exec(note ?? '')?.[1];
}

function simpleFields(
  schedule: Schedule,
  now: number,
  offsetAt: OffsetAt,
): Omit<Derivation, 'times' | 'note' | 'digest'> {
  const { overlap, catchupSeconds, jitterSeconds = 0, startAt, endAt, times, firedCount } = schedule;
  return {
    ...(startAt === undefined ? {} : { startAt }),
    ...(endAt === undefined ? {} : { endAt }),
    overlap,
    catchupSeconds,
    jitterSeconds,
    pauseOnFailure: schedule.pauseOnFailure === true,
    isPaused: statusOf(schedule, now, offsetAt) !== 'enabled',
    ...(times === undefined ? {} : { remaining: Math.max(0, times - firedCount) }),
  };
}

interface Clock {
  readonly now: number;
  readonly offsetAt: OffsetAt;
}

function calendarTerms(schedule: Schedule, timing: CronTiming, clock: Clock) {
  const { from, until } = horizonOf(schedule, timing, clock);
  const offsets = offsetsBetween(from - DAY_MS, until + 2 * DAY_MS, clock.offsetAt); // local days begin earlier and end later
  return { version: CALENDARS_VERSION, expressions: timing.expressions, from, until, offsets };
}

function derivedTimes(schedule: Schedule, now: number, offsetAt: OffsetAt): DerivedTimes {
  const { timing } = schedule;
  if (timing.kind !== 'cron') return timing;
  const crons = parseExpressions(timing.expressions);
  const horizon = horizonOf(schedule, timing, { now, offsetAt });
  return { kind: 'calendars', calendars: utcCalendars(crons, horizon, offsetAt) };
}

function horizonOf(
  { startAt, catchupSeconds }: Schedule,
  timing: CronTiming,
  { now, offsetAt }: Clock,
): Horizon {
  const from = Math.max(startAt === undefined ? 0 : msOf(startAt), now - catchupSeconds * 1000);
  const ahead = nextFirings({ timing }, { from, count: FIRINGS_AHEAD }, offsetAt);
  const until = lastDay(Math.max(yearStart(from, YEARS_AHEAD), ...ahead));
  return { from: yearStart(from, 0), until };
}

/** Rounded to years, so that a derivation changes once a year and not every day. */
function yearStart(instant: number, later: number): number {
  const { year } = civilDateOf(Math.floor(instant / DAY_MS));
  return dayNumberOf({ year: year + later, month: 1, day: 1 }) * DAY_MS;
}

function lastDay(instant: number): number {
  return yearStart(instant, 1) - DAY_MS;
}
