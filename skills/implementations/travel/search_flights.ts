/** Flights of the bundled timetable for a question in plain words or for named fields. */
import { addDays, dateIn, dateOf, todayIn } from '../language/dates.ts';
import { mentions } from '../language/words.ts';
import { cityNamed, routeIn } from './cities.ts';
import type { City } from './cities.ts';
import { connectionsBetween, departuresOf } from './timetable.ts';
import type { Departure } from './timetable.ts';

export interface FlightRequest {
  readonly query?: string;
  readonly from?: string;
  readonly to?: string;
  readonly date?: string;
  readonly sort?: 'price' | 'departure';
  readonly limit?: number;
}

export interface FlightResult {
  readonly from?: string;
  readonly to?: string;
  readonly date?: string;
  readonly currency: 'EUR';
  /** How many there are; `flights` holds the first of them. */
  readonly found: number;
  readonly flights: readonly Departure[];
  /** Where no flight is direct: cities with a flight from the origin and one to the destination. */
  readonly via?: readonly string[];
}

const EARLIEST = [
  'earliest',
  'early',
  'first',
  'ранн~',
  'раньше',
  'раніше',
  'рано',
  'перв~',
  'früh',
  'früheste~',
  'erste~',
];
const DEFAULT_LIMIT = 10;

export function run(request: FlightRequest): FlightResult {
  const said = request.query ?? '';
  const spoken = routeIn(said);
  const from = request.from === undefined ? spoken.from : cityNamed(request.from);
  const to = request.to === undefined ? spoken.to : cityNamed(request.to);
  const today = todayIn(from?.zone);
  const date = request.date === undefined ? dateIn(said, today) : dateOf(request.date, today);
  const sort = request.sort ?? (mentions(said, EARLIEST) ? 'departure' : 'price');
  const onSaleFrom = date ?? addDays(today, 1);
  const departures = [...departuresOf({ from, to }, onSaleFrom, date !== undefined)].sort(ORDER[sort]);
  return {
    ...named({ from, to }),
    ...(date !== undefined && { date }),
    currency: 'EUR',
    found: departures.length,
    flights: departures.slice(0, request.limit ?? DEFAULT_LIMIT),
    ...(departures.length === 0 && from && to && { via: connectionsBetween(from, to) }),
  };
}

const ORDER = {
  price: (a: Departure, b: Departure) => a.price - b.price || a.flight.localeCompare(b.flight),
  departure: (a: Departure, b: Departure) =>
    Date.parse(a.departs) - Date.parse(b.departs) || a.flight.localeCompare(b.flight),
};

function named(route: { from: City | undefined; to: City | undefined }): Pick<FlightResult, 'from' | 'to'> {
  return { ...(route.from && { from: route.from.name }), ...(route.to && { to: route.to.name }) };
}
