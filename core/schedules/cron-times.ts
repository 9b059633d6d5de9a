/** Enumerates the local times that match a cron expression, with the instants at which clocks show them. */
import { civilDateOf, dayNumberOf, daysInMonth, DAY_MS, weekdayOf } from './civil-date.ts';
import type { Cron } from './cron.ts';
import { ascending, instantsOf, steadyOffset } from './zone.ts';
import type { OffsetAt } from './zone.ts';

/** A local time that matches an expression, as the Unix time at which UTC shows the same. */
export interface NamedTime {
  readonly local: number;
  /** Ascending; empty if clocks skip the time, two if they show it twice. */
  readonly instants: readonly number[];
}

/** A local day on which an expression matches at least one time. */
export interface LocalDay {
  /** As the Unix time at which UTC shows the same. */
  readonly midnight: number;
  /** UTC offset of the whole day; undefined if clocks may change on it. */
  readonly offset: number | undefined;
}

/** Largest offset east of UTC: no local day begins more than 14 hours before its midnight in UTC. */
const MAX_OFFSET_MS = 15 * 3_600_000;
const LAST_YEAR = 9999;

/** Yields the local days that match, ascending, beginning with the day before that of `from`; ends with the year 9999. */
export function* localDays(cron: Cron, from: number, offsetAt: OffsetAt): Generator<LocalDay> {
  for (const dayNumber of matchingDays(cron, Math.floor((from + offsetAt(from)) / DAY_MS) - 1)) {
    const midnight = dayNumber * DAY_MS;
    yield { midnight, offset: steadyOffset(midnight, offsetAt) };
  }
}

/** Yields the instants at which an expression fires, ascending, at or after `from`; ends with the year 9999. */
export function* cronFirings(cron: Cron, from: number, offsetAt: OffsetAt): Generator<number> {
  let held: number[] = [];
  for (const day of localDays(cron, from, offsetAt)) {
    const times = namedTimes(cron, day, offsetAt);
    const [first] = times as readonly [NamedTime, ...NamedTime[]];
    const safe = first.local - MAX_OFFSET_MS;
    yield* held.filter((instant) => instant < safe);
    const fired = times.flatMap(({ instants }) => (cron.everyHour ? instants : instants.slice(0, 1)));
    held = [...held.filter((instant) => instant >= safe), ...fired.filter((instant) => instant >= from)];
    held.sort(ascending);
  }
  yield* held;
}

/** Returns the matching times of a day; at least one. */
export function namedTimes(
  cron: Cron,
  { midnight, offset }: LocalDay,
  offsetAt: OffsetAt,
): readonly NamedTime[] {
  return cron.hours.flatMap((hour) =>
    cron.minutes.map((minute) => {
      const local = midnight + (hour * 60 + minute) * 60_000;
      return { local, instants: offset === undefined ? instantsOf(local, offsetAt) : [local - offset] };
    }),
  );
}

function* matchingDays(cron: Cron, from: number): Generator<number> {
  let { year, month } = civilDateOf(from);
  while (year <= LAST_YEAR) {
    if (cron.months.includes(month)) yield* daysOfMonth(cron, { year, month, from });
    [year, month] = month === 12 ? [year + 1, 1] : [year, month + 1];
  }
}

function* daysOfMonth(
  cron: Cron,
  { year, month, from }: { readonly year: number; readonly month: number; readonly from: number },
): Generator<number> {
  const first = dayNumberOf({ year, month, day: 1 });
  const last = daysInMonth(year, month);
  for (let day = 1; day <= last; day += 1) {
    const dayNumber = first + day - 1;
    if (dayNumber >= from && matchesDay(cron, day, weekdayOf(dayNumber))) yield dayNumber;
  }
}

/** POSIX: if both fields are restricted, one match is enough; if one of them is `*`, the other decides. */
function matchesDay(cron: Cron, day: number, weekday: number): boolean {
  const isDay = cron.days.includes(day);
  const isWeekday = cron.weekdays.includes(weekday);
  return cron.dayIsOpen || cron.weekdayIsOpen ? isDay && isWeekday : isDay || isWeekday;
}
