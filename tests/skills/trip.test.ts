import { run as buildItinerary } from '../../skills/implementations/travel/build_itinerary.ts';
import { run as searchFlights } from '../../skills/implementations/travel/search_flights.ts';
import { run as searchHotels } from '../../skills/implementations/travel/search_hotels.ts';
import { nightsIn } from '../../skills/implementations/travel/stay.ts';

describe('nightsIn', () => {
  test.each([
    ['for 3 nights', 3],
    ['for three days', 2],
    ['на две ночи', 2],
    ['на 5 ночей', 5],
    ['на 4 дня', 3],
    ['на три дні', 2],
    ['für zwei Nächte', 2],
    ['one day', 1],
    ['Kazan', undefined],
    ['days', undefined],
  ])('reads %j as %s', (text, nights) => {
    expect(nightsIn(text)).toBe(nights);
  });
});

describe('travel/search_hotels', () => {
  test('finds hotels of a city by price and multiplies by the nights', () => {
    const result = searchHotels({ query: 'Где остановиться в Казани на две ночи' });
    expect(result).toMatchObject({ city: 'Kazan', nights: 2, found: 4 });
    expect(result.hotels[0]).toEqual({
      name: 'Kazan Station Hostel',
      city: 'Kazan',
      stars: 2,
      rating: 7.5,
      price_per_night: 18,
      total: 36,
    });
  });

  test('sorts by rating when the best is asked for', () => {
    const ratings = searchHotels({ query: 'the best hotels in Berlin' }).hotels.map(({ rating }) => rating);
    expect(ratings).toEqual([...ratings].sort((a, b) => b - a));
  });

  test('takes city and first day from the flights found before and hands the flights on', () => {
    const flights = searchFlights({ from: 'Moscow', to: 'Vladivostok', date: '2026-11-27' });
    const result = searchHotels(flights);
    expect(result).toMatchObject({ city: 'Vladivostok', check_in: '2026-11-28' });
    expect(result.flights).toBe(flights.flights);
  });

  test('stays below the price that is asked for', () => {
    expect(
      searchHotels({ city: 'Rome', max_price: 100 }).hotels.every((hotel) => hotel.price_per_night <= 100),
    ).toBe(true);
  });

  test('refuses a first day it cannot read', () => {
    expect(() => searchHotels({ city: 'Rome', check_in: 'soon' })).toThrow(
      'Expected a date such as 2026-12-24',
    );
  });

  test('refuses a city it does not know', () => {
    expect(() => searchHotels({ query: 'hotels in Atlantis' })).toThrow('Unknown city "Atlantis"');
  });
});

describe('travel/build_itinerary', () => {
  const request = { query: 'Plan a trip from Moscow to Sochi on 2026-11-27 for 3 days' };
  const expected = `Sochi, 3 days from Friday, 27 November 2026

Day 1, Friday, 27 November 2026
  Flight PW 101 from Moscow: 2026-11-27 07:15 to 2026-11-27 11:10 (3h 55m), 62 EUR
  Check in at Sochi Station Hostel, 2 × 22 EUR
  Later: Seaside promenade and the sea port

Day 2, Saturday, 28 November 2026
  Morning: Sochi Arboretum
  Afternoon: Krasnaya Polyana cable cars

Day 3, Sunday, 29 November 2026
  Morning: Olympic Park
  Check out of Sochi Station Hostel

Total for one: 106 EUR`;

  test('plans from plain words', () => {
    expect(buildItinerary(request)).toBe(expected);
  });

  test('plans the same from flights and hotels searched side by side', () => {
    expect(buildItinerary([searchFlights(request), searchHotels(request)])).toBe(expected);
  });

  test('plans from flights alone, and from flights handed on by hotels', () => {
    const flights = searchFlights(request);
    expect(buildItinerary(flights)).toBe(expected);
    expect(buildItinerary({ ...searchHotels(flights), nights: 2 })).toBe(expected);
  });

  test('plans without flights where none is asked for', () => {
    const itinerary = buildItinerary({ query: 'Составь маршрут на 4 дня в Петербурге с 2026-12-01' });
    expect(itinerary).toContain('Saint Petersburg, 4 days from Tuesday, 1 December 2026');
    expect(itinerary).toContain('Total for one: 69 EUR, without flights');
  });

  test('refuses a wish without a place for good', () => {
    expect(() => buildItinerary({ query: 'surprise me' })).toThrow('Expected a city to plan for');
  });
});
