/** Hotels of a city for a question in plain words, for named fields, or at the end of flights found before. */
import { dateIn, dateOf, todayIn } from '../language/dates.ts';
import { mentions } from '../language/words.ts';
import { cityByCode, cityIn, cityNamed } from './cities.ts';
import hotels from './data/hotels.json' with { type: 'json' };
import { nightsIn } from './stay.ts';
import type { Departure } from './timetable.ts';

export interface HotelRequest {
  readonly query?: string;
  readonly city?: string;
  readonly check_in?: string;
  readonly nights?: number;
  readonly max_price?: number;
  readonly sort?: 'price' | 'rating';
  readonly limit?: number;
  /** What a search for flights said; its destination and first arrival stand in for `city` and `check_in`. */
  readonly to?: string;
  readonly flights?: readonly Departure[];
}

export interface Hotel {
  readonly name: string;
  readonly city: string;
  readonly stars: number;
  readonly rating: number;
  /** In euros. */
  readonly price_per_night: number;
  readonly total: number;
}

export interface HotelResult {
  readonly city?: string;
  readonly check_in?: string;
  readonly nights: number;
  readonly currency: 'EUR';
  readonly found: number;
  readonly hotels: readonly Hotel[];
  /** The flights of the request, for the steps that follow. */
  readonly flights?: readonly Departure[];
}

const BEST = ['best', 'top', 'лучш~', 'найкращ~', 'кращ~', 'beste~', 'besten'];
const DEFAULT_LIMIT = 5;

export function run(request: HotelRequest): HotelResult {
  const said = request.query ?? '';
  const named = request.city ?? request.to;
  const city = named === undefined ? cityIn(said) : cityNamed(named);
  const arrival = request.flights?.[0]?.arrives.slice(0, 10);
  const today = todayIn(city?.zone);
  const wished = request.check_in === undefined ? dateIn(said, today) : dateOf(request.check_in, today);
  const checkIn = arrival ?? wished;
  const nights = request.nights ?? nightsIn(said) ?? 1;
  const sort = request.sort ?? (mentions(said, BEST) ? 'rating' : 'price');
  const offers = hotels
    .filter((hotel) => !city || hotel.city === city.code)
    .filter((hotel) => hotel.price <= (request.max_price ?? Infinity))
    .map((hotel) => offerOf(hotel, nights))
    .sort(ORDER[sort]);
  return {
    ...(city && { city: city.name }),
    ...(checkIn !== undefined && { check_in: checkIn }),
    nights,
    currency: 'EUR',
    found: offers.length,
    hotels: offers.slice(0, request.limit ?? DEFAULT_LIMIT),
    ...(request.flights && { flights: request.flights }),
  };
}

const ORDER = {
  price: (a: Hotel, b: Hotel) => a.price_per_night - b.price_per_night || b.rating - a.rating,
  rating: (a: Hotel, b: Hotel) => b.rating - a.rating || a.price_per_night - b.price_per_night,
};

function offerOf({ name, city, stars, rating, price }: (typeof hotels)[number], nights: number): Hotel {
  return { name, city: cityByCode(city).name, stars, rating, price_per_night: price, total: price * nights };
}
