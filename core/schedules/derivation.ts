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
import { utcCalendars } from './utc-calendars.ts';
import type { UtcCalendar } from './utc-calendars.ts';
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

export function derive(schedule: Schedule, now: number, offsetAt: OffsetAt): Derivation {
  const { overlap, catchupSeconds, jitterSeconds = 0, startAt, endAt, times, firedCount, note } = schedule;
  const derived = {
    times: derivedTimes(schedule, now, offsetAt),
    ...(startAt === undefined ? {} : { startAt }),
    ...(endAt === undefined ? {} : { endAt }),
    overlap,
    catchupSeconds,
    jitterSeconds,
    pauseOnFailure: schedule.pauseOnFailure === true,
    isPaused: statusOf(schedule, now, offsetAt) !== 'enabled',
    ...(times === undefined ? {} : { remaining: Math.max(0, times - firedCount) }),
  };
  const text = canonicalJson({ ...derived, note, request: schedule.request } as unknown as JsonValue);
  const digest = sha256(text).slice(0, 16);
  return { ...derived, digest, note: [`SkillOS ${digest}`, note].filter(Boolean).join(': ') };
}

/** Returns the digest in the note of a listed Schedule; undefined if the Schedule is not ours. */
export function digestIn(note: string | undefined): string | undefined {
  return /^SkillOS ([0-9a-f]{16})(?:$|: )/.exec(note ?? '')?.[1];
}

function derivedTimes({ timing, ...bounds }: Schedule, now: number, offsetAt: OffsetAt): DerivedTimes {
  switch (timing.kind) {
    case 'at':
    case 'every':
      return timing;
    case 'cron': {
      const crons = parseExpressions(timing.expressions);
      const { startAt, catchupSeconds } = bounds;
      const from = Math.max(startAt === undefined ? 0 : msOf(startAt), now - catchupSeconds * 1000);
      const ahead = nextFirings({ timing }, { from, count: FIRINGS_AHEAD }, offsetAt);
      const until = lastDay(Math.max(yearStart(from, YEARS_AHEAD), ...ahead));
      const horizon = { from: yearStart(from, 0), until };
      return { kind: 'calendars', calendars: utcCalendars(crons, horizon, offsetAt) };
    }
  }
}

/** Rounded to years, so that a derivation changes once a year and not every day. */
function yearStart(instant: number, later: number): number {
  const { year } = civilDateOf(Math.floor(instant / DAY_MS));
  return dayNumberOf({ year: year + later, month: 1, day: 1 }) * DAY_MS;
}

function lastDay(instant: number): number {
  return yearStart(instant, 1) - DAY_MS;
}
