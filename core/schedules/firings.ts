/** Computes the instants at which a schedule fires. Temporal's calendars are wrong on nights of a clock change. */
import { msOf } from '../values/iso-time.ts';
import { cronFirings } from './cron-times.ts';
import { parseExpressions } from './timing.ts';
import type { Timing } from './timing.ts';
import type { OffsetAt } from './zone.ts';

/** The fields of a schedule that determine its firings. Both bounds are inclusive; ISO 8601. */
export interface Calendar {
  readonly timing: Timing;
  readonly startAt?: string;
  readonly endAt?: string;
}

/**
 * Yields Unix milliseconds from `from` (inclusive), ascending and lazily; without end unless the schedule has
 * one.
 */
function* firings(calendar: Calendar, from: number, offsetAt: OffsetAt): Generator<number> {
  const { timing, startAt, endAt } = calendar;
  const start = startAt === undefined ? from : Math.max(from, msOf(startAt));
  const end = endAt === undefined ? Infinity : msOf(endAt);
  for (const instant of untilEnd(timing, start, offsetAt)) {
    if (instant > end) return;
    yield instant;
  }
}

/** Returns at most `count` firings from `from` on. */
export function nextFirings(
  calendar: Calendar,
  { from, count }: { readonly from: number; readonly count: number },
  offsetAt: OffsetAt,
): readonly number[] {
  const found: number[] = [];
  if (count < 1) return found;
  for (const instant of firings(calendar, from, offsetAt)) {
    found.push(instant);
    if (found.length === count) break;
  }
  return found;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Maximum number of results. */
  readonly limit: number;
}

/** Returns the firings between two instants (inclusive). */
export function firingsBetween(calendar: Calendar, span: Span, offsetAt: OffsetAt): readonly number[] {
  const found: number[] = [];
  for (const instant of firings(calendar, span.from, offsetAt)) {
    if (instant > span.to || found.length === span.limit) break;
    found.push(instant);
  }
  return found;
}

function* untilEnd(timing: Timing, from: number, offsetAt: OffsetAt): Generator<number> {
  switch (timing.kind) {
    case 'at':
      if (msOf(timing.at) >= from) yield msOf(timing.at);
      return;
    case 'every':
      yield* multiples(timing.seconds * 1000, from);
      return;
    case 'cron':
      yield* merged(parseExpressions(timing.expressions).map((cron) => cronFirings(cron, from, offsetAt)));
  }
}

/** Yields multiples of the interval since the epoch, as Temporal does: every minute is every full minute. */
function* multiples(interval: number, from: number): Generator<number> {
  for (let instant = Math.ceil(from / interval) * interval; ; instant += interval) yield instant;
}

/** Merges ascending sequences; equal instants are yielded once. */
function* merged(sources: readonly Iterator<number>[]): Generator<number> {
  const heads = sources.map((source) => ({ source, head: source.next() }));
  for (;;) {
    const open = heads.filter(({ head }) => head.done !== true);
    if (open.length === 0) return;
    const next = Math.min(...open.map(({ head }) => head.value as number));
    yield next;
    for (const each of open) if (each.head.value === next) each.head = each.source.next();
  }
}
