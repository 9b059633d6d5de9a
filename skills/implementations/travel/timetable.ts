/** The weekly timetable: who flies where on which weekdays, and what that means on a given date. */
import { addDays, weekdayOf } from '../language/dates.ts';
import { cityByCode } from './cities.ts';
import type { City, Route } from './cities.ts';
import timetable from './data/timetable.json' with { type: 'json' };
import { instantOf, localTime } from './zoned-time.ts';

type Flight = (typeof timetable)[number];

export interface Departure {
  readonly flight: string;
  readonly from: string;
  readonly to: string;
  /** Local times with their offset from UTC. */
  readonly departs: string;
  readonly arrives: string;
  /** Hours and minutes in the air, such as `3h 55m`. */
  readonly duration: string;
  /** Weekdays of service, such as `Mon Wed Fri` or `daily`. */
  readonly days: string;
  /** In euros. */
  readonly price: number;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MINUTE_MS = 60_000;

/** What flies on `date` exactly, or the next departure of each flight from `date` on; an end left open matches all. */
export function departuresOf(route: Route, date: string, exactly: boolean): readonly Departure[] {
  return timetable
    .filter((flight) => serves(flight, route))
    .flatMap((flight) => {
      const day = nextServiceDay(flight, date);
      return exactly && day !== date ? [] : [departureOn(flight, day)];
    });
}

/** Cities with a direct flight from one and to the other, in order of name. */
export function connectionsBetween(from: City, to: City): readonly string[] {
  const outward = timetable.filter((flight) => flight.from === from.code).map((flight) => flight.to);
  const inward = new Set(timetable.filter((flight) => flight.to === to.code).map((flight) => flight.from));
  const codes = new Set(outward.filter((code) => inward.has(code)));
  return [...codes].map((code) => cityByCode(code).name).sort();
}

function serves(flight: Flight, { from, to }: Route): boolean {
  return (!from || flight.from === from.code) && (!to || flight.to === to.code);
}

function nextServiceDay(flight: Flight, date: string): string {
  const ahead = [0, 1, 2, 3, 4, 5, 6].find((days) =>
    flight.days.includes(String(weekdayOf(addDays(date, days)))),
  );
  return addDays(date, ahead ?? 0);
}

function departureOn(flight: Flight, date: string): Departure {
  const from = cityByCode(flight.from);
  const to = cityByCode(flight.to);
  const start = instantOf(date, flight.departs, from.zone);
  return {
    flight: flight.flight,
    from: from.name,
    to: to.name,
    departs: localTime(start, from.zone),
    arrives: localTime(start + flight.minutes * MINUTE_MS, to.zone),
    duration: `${Math.floor(flight.minutes / 60)}h ${String(flight.minutes % 60).padStart(2, '0')}m`,
    days: daysOfService(flight),
    price: flight.price,
  };
}

function daysOfService(flight: Flight): string {
  if (flight.days.length === 7) return 'daily';
  return WEEKDAYS.filter((_, index) => flight.days.includes(String(index + 1))).join(' ');
}
