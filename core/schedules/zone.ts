/** Converts local times of a time zone to instants and back. */
import { civilDateOf, dayNumberOf, DAY_MS } from './civil-date.ts';

/**
 * The offset of local time from UTC in milliseconds, east positive, at an instant in Unix milliseconds.
 * The port behind which an adapter reads the IANA time zone database.
 */
export type OffsetAt = (instant: number) => number;

/** Returns a zone by its IANA name; undefined if the database does not contain the name. */
export interface Zones {
  readonly find: (name: string) => Zone | undefined;
}

export interface Zone {
  /** The IANA name in its canonical spelling. */
  readonly name: string;
  readonly offsetAt: OffsetAt;
}

/** Offsets are between -12:00 and +14:00, so this span around a local time shows every offset that may apply. */
const MAX_OFFSET_MS = 15 * 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Returns the instants at which clocks show a local time, ascending: none if clocks skip it, two if they show
 * it twice. `local` is the Unix time at which UTC shows the same. Assumes at most one clock change in 30
 * hours.
 */
export function instantsOf(local: number, offsetAt: OffsetAt): readonly number[] {
  const before = offsetAt(local - MAX_OFFSET_MS);
  const after = offsetAt(local + MAX_OFFSET_MS);
  const candidates = before === after ? [local - before] : [local - before, local - after].sort(ascending);
  return candidates.filter((instant) => offsetAt(instant) === local - instant);
}

/** Returns the offset of a whole local day, or undefined if clocks may change on it. `local` is its midnight. */
export function steadyOffset(local: number, offsetAt: OffsetAt): number | undefined {
  const before = offsetAt(local - MAX_OFFSET_MS);
  return before === offsetAt(local + DAY_MS + MAX_OFFSET_MS) ? before : undefined;
}

/**
 * Returns the offset at `from`, a full minute, and each later one until `until`, with the minute from which it holds. Assumes
 * that an offset holds for a day at least.
 */
export function offsetsBetween(
  from: number,
  until: number,
  offsetAt: OffsetAt,
): readonly (readonly [instant: number, offset: number])[] {
  let offset = offsetAt(from);
  const found: [number, number][] = [[from, offset]];
  for (let day = from + DAY_MS; day <= until; day += DAY_MS) {
    const next = offsetAt(day);
    if (next === offset) continue;
    found.push([changeBetween([day - DAY_MS, day], MINUTE_MS, offsetAt), next]);
    offset = next;
  }
  return found;
}

/** Returns the instant, exact to `step` and aligned with `before`, from which another offset holds than at `before`. */
export function changeBetween(
  [before, after]: readonly [before: number, after: number],
  step: number,
  offsetAt: OffsetAt,
): number {
  const earlier = offsetAt(before);
  let [last, next] = [before, after];
  while (next - last > step) {
    const middle = last + Math.floor((next - last) / 2 / step) * step;
    if (offsetAt(middle) === earlier) last = middle;
    else next = middle;
  }
  return next;
}

export function ascending(a: number, b: number): number {
  return a - b;
}

/** `2027-03-28 02:30`, with seconds if they are not zero. */
export function localText(local: number): string {
  const dayNumber = Math.floor(local / DAY_MS);
  const { year, month, day } = civilDateOf(dayNumber);
  const second = Math.floor((local - dayNumber * DAY_MS) / 1000);
  const time = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  const shown = second % 60 === 0 ? time.slice(0, 2) : time;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)} ${shown.map((part) => pad(part)).join(':')}`;
}

/** `2027-03-28 03:30 +02:00`: local time and offset of an instant. */
export function zonedText(instant: number, offsetAt: OffsetAt): string {
  const offset = offsetAt(instant);
  const minutes = Math.abs(Math.round(offset / 60_000));
  const sign = offset < 0 ? '-' : '+';
  return `${localText(instant + offset)} ${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Returns the local time of a date and a time of day, as the Unix time at which UTC shows the same. */
export function localOf(date: { year: number; month: number; day: number }, secondOfDay: number): number {
  return dayNumberOf(date) * DAY_MS + secondOfDay * 1000;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
