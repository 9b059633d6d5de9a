/**
 * Converts the firings of cron expressions to calendars in UTC, which Temporal evaluates without its own
 * rules for clock changes. The calendars end at a horizon and are renewed whenever a client or worker
 * connects.
 */
import { civilDateOf, daysInMonth, DAY_MS } from './civil-date.ts';
import { localDays, namedTimes } from './cron-times.ts';
import type { LocalDay } from './cron-times.ts';
import type { Cron } from './cron.ts';
import { ascending } from './zone.ts';
import type { OffsetAt } from './zone.ts';

/** Inclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Fires at every combination of these fields, at second 0. */
export interface UtcCalendar {
  readonly year: readonly Range[];
  /** 1 to 12. */
  readonly month: readonly Range[];
  readonly dayOfMonth: readonly Range[];
  readonly hour: readonly Range[];
  readonly minute: readonly Range[];
}

/** Minutes of a UTC day, ascending. Many days share one list. */
type Minutes = readonly number[];
/** Minutes by number of the UTC day. */
type Days = Map<number, Minutes[]>;

export interface Horizon {
  readonly from: number;
  readonly until: number;
}

/** Returns calendars that fire exactly as the expressions do on all days from that of `from` to that of `until`. */
export function utcCalendars(
  crons: readonly Cron[],
  horizon: Horizon,
  offsetAt: OffsetAt,
): readonly UtcCalendar[] {
  const days: Days = new Map();
  for (const cron of crons) addDays(days, cron, { horizon, offsetAt });
  const patternOf = patternNames();
  const patternByDay = [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, lists]) => [day, patternOf(lists)] as const);
  return mergedMonths(patternByDay).flatMap(({ pattern, year, month, dayOfMonth }) =>
    clockTimes(JSON.parse(pattern) as Minutes).map(({ hour, minute }) => ({
      year,
      month,
      dayOfMonth,
      hour,
      minute,
    })),
  );
}

/** Returns the minutes as JSON text, equal for equal days; each distinct list is converted once. */
function patternNames(): (lists: readonly Minutes[]) => string {
  const numbers = new Map<Minutes, number>();
  const numberOf = (list: Minutes): number => numbers.get(list) ?? numbers.set(list, numbers.size).size - 1;
  const known = new Map<number | string, string>();
  return (lists) => {
    const [first] = lists as readonly [Minutes, ...Minutes[]];
    const key = lists.length === 1 ? numberOf(first) : lists.map(numberOf).sort(ascending).join('+');
    const text = known.get(key) ?? JSON.stringify([...new Set(lists.flat())].sort(ascending));
    known.set(key, text);
    return text;
  };
}

function addDays(
  days: Days,
  cron: Cron,
  { horizon, offsetAt }: { readonly horizon: Horizon; readonly offsetAt: OffsetAt },
): void {
  const first = Math.floor(horizon.from / DAY_MS);
  const last = Math.floor(horizon.until / DAY_MS);
  const partsOf = openParts(cron, offsetAt);
  for (const local of localDays(cron, first * DAY_MS, offsetAt)) {
    const midnight = Math.floor(local.midnight / DAY_MS);
    if (midnight > last + 1) break;
    for (const { shift, minutes } of partsOf(local)) {
      const day = midnight + shift;
      if (day < first || day > last) continue;
      const lists = days.get(day);
      if (lists === undefined) days.set(day, [minutes]);
      else lists.push(minutes);
    }
  }
}

/** The firings of a local day that fall on one UTC day: the same, the previous or the next. */
interface Part {
  readonly shift: number;
  readonly minutes: Minutes;
}

/** Days with the same offset share their lists: they are made once, and equal days are found by identity. */
function openParts(cron: Cron, offsetAt: OffsetAt): (day: LocalDay) => readonly Part[] {
  const shapes = new Map<number, readonly Part[]>();
  return (day) => {
    if (day.offset === undefined) return splitByDay(cron, day, offsetAt);
    const shape = shapes.get(day.offset) ?? splitByDay(cron, day, offsetAt);
    shapes.set(day.offset, shape);
    return shape;
  };
}

function splitByDay(cron: Cron, local: LocalDay, offsetAt: OffsetAt): readonly Part[] {
  const midnight = Math.floor(local.midnight / DAY_MS);
  const byShift = new Map<number, number[]>();
  for (const { instants } of namedTimes(cron, local, offsetAt)) {
    for (const instant of cron.everyHour ? instants : instants.slice(0, 1)) {
      const day = Math.floor(instant / DAY_MS);
      const minutes = byShift.get(day - midnight) ?? [];
      byShift.set(day - midnight, [...minutes, (instant - day * DAY_MS) / 60_000]);
    }
  }
  return [...byShift].map(([shift, minutes]) => ({ shift, minutes }));
}

interface Dates {
  readonly year: readonly Range[];
  readonly month: readonly Range[];
  readonly dayOfMonth: readonly Range[];
  readonly pattern: string;
}

/** Groups the days of one pattern by month, then months and years with equal days. */
function mergedMonths(patternByDay: readonly (readonly [number, string])[]): readonly Dates[] {
  const months = monthsOf(patternByDay).map(({ pattern, year, month, days }) => {
    // A day that does not exist never fires, so all full months are equal.
    const dayOfMonth = days.length === daysInMonth(year, month) ? [{ start: 1, end: 31 }] : ranges(days);
    return { pattern, year, month, dayOfMonth };
  });
  const byYear = grouped(months, ({ pattern, year, dayOfMonth }) =>
    JSON.stringify([pattern, year, dayOfMonth]),
  ).map((group) => {
    const { pattern, year, dayOfMonth } = group[0] as (typeof months)[number];
    return { pattern, year, dayOfMonth, month: ranges(group.map(({ month }) => month)) };
  });
  return grouped(byYear, ({ pattern, month, dayOfMonth }) =>
    JSON.stringify([pattern, month, dayOfMonth]),
  ).map((group) => {
    const { pattern, month, dayOfMonth } = group[0] as (typeof byYear)[number];
    return { pattern, month, dayOfMonth, year: ranges(group.map(({ year }) => year)) };
  });
}

interface Month {
  readonly pattern: string;
  readonly year: number;
  readonly month: number;
  readonly days: number[];
}

/** Groups days, which are ascending, by pattern and month. */
function monthsOf(patternByDay: readonly (readonly [number, string])[]): readonly Month[] {
  const months: Month[] = [];
  const lastByPattern = new Map<string, Month>();
  for (const [dayNumber, pattern] of patternByDay) {
    const { year, month, day } = civilDateOf(dayNumber);
    const last = lastByPattern.get(pattern);
    if (last?.year === year && last.month === month) {
      last.days.push(day);
      continue;
    }
    const next = { pattern, year, month, days: [day] };
    lastByPattern.set(pattern, next);
    months.push(next);
  }
  return months;
}

/** Groups hours with equal minutes. */
function clockTimes(minutes: Minutes): readonly Pick<UtcCalendar, 'hour' | 'minute'>[] {
  const byHour = grouped(minutes, (minute) => String(Math.floor(minute / 60)));
  const hours = byHour.map((group) => ({
    hour: Math.floor((group[0] as number) / 60),
    minute: ranges(group.map((minute) => minute % 60)),
  }));
  return grouped(hours, ({ minute }) => JSON.stringify(minute)).map((group) => ({
    hour: ranges(group.map(({ hour }) => hour)),
    minute: (group[0] as (typeof hours)[number]).minute,
  }));
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function ranges(values: readonly number[]): readonly Range[] {
  const found: { start: number; end: number }[] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last !== undefined && last.end === value - 1) last.end = value;
    else found.push({ start: value, end: value });
  }
  return found;
}
