/** A day-by-day itinerary from flights and hotels found before, or from a wish in plain words. */
import { PermanentError } from 'skillos';
import { addDays, dateIn, dateOf, todayIn } from '../language/dates.ts';
import { cityIn, cityNamed, routeIn } from './cities.ts';
import type { City } from './cities.ts';
import { run as searchFlights } from './search_flights.ts';
import { run as searchHotels } from './search_hotels.ts';
import type { Hotel } from './search_hotels.ts';
import { nightsIn } from './stay.ts';
import type { Departure } from './timetable.ts';

export interface TripRequest {
  readonly query?: string;
  readonly city?: string;
  readonly to?: string;
  readonly date?: string;
  readonly check_in?: string;
  readonly nights?: number;
  readonly flights?: readonly Departure[];
  readonly hotels?: readonly Hotel[];
}

interface Trip {
  readonly city: City;
  readonly start: string;
  readonly nights: number;
  readonly flight: Departure | undefined;
  readonly hotel: Hotel | undefined;
}

const DEFAULT_NIGHTS = 2;

/** Takes one request, or what several steps found side by side. */
export function run(payload: TripRequest | readonly TripRequest[]): string {
  const trip = tripOf(Array.isArray(payload) ? mergeOf(payload) : (payload as TripRequest));
  const days = Array.from({ length: trip.nights + 1 }, (_, index) => dayOf(trip, index));
  return [title(trip), ...days, total(trip)].join('\n\n');
}

function mergeOf(parts: readonly TripRequest[]): TripRequest {
  return Object.assign({}, ...parts) as TripRequest;
}

function tripOf(request: TripRequest): Trip {
  const said = request.query ?? '';
  const flights = request.flights ?? (routeIn(said).from ? searchFlights({ query: said }).flights : []);
  const city = cityOf(request, flights);
  const flight = flights.find(({ to }) => to === city.name);
  const today = todayIn(city.zone);
  const named = request.check_in ?? request.date;
  const wished = named === undefined ? dateIn(said, today) : dateOf(named, today);
  const start = flight?.arrives.slice(0, 10) ?? wished ?? addDays(today, 1);
  const nights = nightsIn(said) ?? request.nights ?? DEFAULT_NIGHTS;
  const hotels = request.hotels ?? searchHotels({ city: city.name, nights }).hotels;
  return { city, start, nights, flight, hotel: hotels.find((hotel) => hotel.city === city.name) };
}

function cityOf(request: TripRequest, flights: readonly Departure[]): City {
  const named = request.city ?? request.to;
  if (named !== undefined) return cityNamed(named);
  const spoken = cityIn(request.query ?? '');
  if (spoken) return spoken;
  const reached = flights[0]?.to ?? request.hotels?.[0]?.city;
  if (reached !== undefined) return cityNamed(reached);
  throw new PermanentError('Expected a city to plan for, such as "3 days in Kazan from Friday"');
}

function dayOf(trip: Trip, index: number): string {
  const lines = [
    `Day ${index + 1}, ${longDate(addDays(trip.start, index))}`,
    ...(index === 0 ? arrivalOf(trip) : [`Morning: ${sightOf(trip, 2 * index - 1)}`]),
    ...(index === trip.nights
      ? [trip.hotel ? `Check out of ${trip.hotel.name}` : 'Departure']
      : [`${index === 0 ? 'Later' : 'Afternoon'}: ${sightOf(trip, 2 * index)}`]),
  ];
  return lines.join('\n  ');
}

function arrivalOf({ flight, hotel, nights }: Trip): readonly string[] {
  return [
    ...(flight
      ? [`Flight ${flight.flight} from ${flight.from}: ${timesOf(flight)}, ${flight.price} EUR`]
      : []),
    ...(hotel ? [`Check in at ${hotel.name}, ${nights} × ${hotel.price_per_night} EUR`] : []),
  ];
}

function timesOf({ departs, arrives, duration }: Departure): string {
  return `${departs.slice(0, 16).replace('T', ' ')} to ${arrives.slice(0, 16).replace('T', ' ')} (${duration})`;
}

function sightOf({ city }: Trip, index: number): string {
  return city.sights[index] ?? 'free time';
}

function title({ city, start, nights }: Trip): string {
  return `${city.name}, ${nights + 1} days from ${longDate(start)}`;
}

function total({ flight, hotel, nights }: Trip): string {
  const sum = (flight?.price ?? 0) + (hotel ? hotel.price_per_night * nights : 0);
  return `Total for one: ${sum} EUR${flight ? '' : ', without flights'}`;
}

function longDate(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(date));
}
