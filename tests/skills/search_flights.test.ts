import { run } from '../../skills/implementations/travel/search_flights.ts';
import timetable from '../../skills/implementations/travel/data/timetable.json' with { type: 'json' };

describe('travel/search_flights', () => {
  test.each([
    ['Find flights to Sochi', undefined, 'Sochi'],
    ['Find flights from Moscow to Sochi on Friday', 'Moscow', 'Sochi'],
    ['I would like to fly to Tokyo from New York', 'New York', 'Tokyo'],
    ['Moscow - Istanbul', 'Moscow', 'Istanbul'],
    ['London Paris', 'London', 'Paris'],
    ['Kazan from Moscow', 'Moscow', 'Kazan'],
    ["Sochi's cheapest flights", undefined, 'Sochi'],
    ['flights MOW to AER', 'Moscow', 'Sochi'],
    ['Рейсы в Сочи завтра', undefined, 'Sochi'],
    ['рейсы из москвы до казани', 'Moscow', 'Kazan'],
    ['Билеты с Екатеринбурга на Санкт-Петербург', 'Yekaterinburg', 'Saint Petersburg'],
    ['Лечу из Нью-Йорка в Париж', 'New York', 'Paris'],
    ['Рейси з Києва до Варшави', 'Kyiv', 'Warsaw'],
    ['Квитки від Берліна до Відня', 'Berlin', 'Vienna'],
    ['у Стамбул зі Львова', 'Lviv', 'Istanbul'],
    ['Flüge von Moskau nach München', 'Moscow', 'Munich'],
    ['ab Warschau nach Wien am Montag', 'Warsaw', 'Vienna'],
  ])('understands %j', (query, from, to) => {
    const result = run({ query });
    expect([result.from, result.to]).toEqual([from, to]);
  });

  test('lists the flights of a date by price, in the local times of both ends', () => {
    expect(run({ query: 'from Moscow to Sochi', date: '2026-11-27' })).toEqual({
      from: 'Moscow',
      to: 'Sochi',
      date: '2026-11-27',
      currency: 'EUR',
      found: 3,
      flights: [
        expect.objectContaining({ flight: 'PW 101', price: 62 }),
        expect.objectContaining({ flight: 'ZF 103', price: 76 }),
        {
          flight: 'AL 105',
          from: 'Moscow',
          to: 'Sochi',
          departs: '2026-11-27T19:05+03:00',
          arrives: '2026-11-27T23:00+03:00',
          duration: '3h 55m',
          days: 'Mon Wed Fri',
          price: 90,
        },
      ],
    });
  });

  test.each([
    ['2027-01-15', '2027-01-15T09:40+00:00', '2027-01-15T12:45-05:00'],
    ['2027-03-20', '2027-03-20T09:40+00:00', '2027-03-20T13:45-04:00'],
    ['2027-07-15', '2027-07-15T09:40+01:00', '2027-07-15T12:45-04:00'],
  ])('on %s keeps the time in the air whatever the clocks at both ends do', (date, departs, arrives) => {
    const { flights } = run({ from: 'London', to: 'New York', date });
    expect(flights[0]).toMatchObject({ departs, arrives, duration: '8h 05m' });
    expect(Date.parse(arrives) - Date.parse(departs)).toBe(485 * 60_000);
  });

  test('arrives on the next day across the date line side of the world', () => {
    const { flights } = run({ from: 'LED', to: 'SVX', date: '2026-12-01' });
    expect(flights[0]).toMatchObject({
      departs: '2026-12-01T14:20+03:00',
      arrives: '2026-12-01T19:10+05:00',
    });
    expect(run({ from: 'NYC', to: 'TYO', date: '2026-12-01' }).flights[0]?.arrives).toBe(
      '2026-12-02T17:00+09:00',
    );
  });

  test('leaves out what does not fly on that weekday', () => {
    expect(run({ from: 'Kazan', to: 'Sochi', date: '2026-12-01' }).found).toBe(1);
    expect(run({ from: 'Kazan', to: 'Sochi', date: '2026-12-02' }).found).toBe(0);
  });

  test('says which cities connect two that have no direct flight', () => {
    expect(run({ query: 'Москва Берлин' })).toEqual({
      from: 'Moscow',
      to: 'Berlin',
      currency: 'EUR',
      found: 0,
      flights: [],
      via: ['Istanbul'],
    });
  });

  test('sorts by departure when the first flight is asked for', () => {
    const times = (query: string) =>
      run({ query, date: '2026-11-27' }).flights.map(({ departs }) => Date.parse(departs));
    const early = times('the earliest flights to Sochi');
    expect(early).toEqual([...early].sort((a, b) => a - b));
    expect(times('flights to Sochi')).not.toEqual(early);
  });

  test.each([{ query: '' }, { query: 'ok' }, {}])(
    'shows the cheapest of the whole timetable for %j',
    (request) => {
      const result = run(request);
      expect(result.found).toBe(timetable.length);
      expect(result.flights).toHaveLength(10);
      expect(result.flights[0]?.price).toBe(Math.min(...timetable.map(({ price }) => price)));
    },
  );

  test('named fields go before what the query says', () => {
    expect(run({ query: 'from Moscow to Sochi', to: 'Казань', limit: 1 })).toMatchObject({
      to: 'Kazan',
      found: 2,
    });
    expect(run({ query: 'from Moscow to Sochi', to: 'Казань', limit: 1 }).flights).toHaveLength(1);
  });

  test.each([
    [{ query: 'Find flights to Sochy' }, 'Unknown city "Sochy", did you mean Sochi'],
    [
      { query: 'flights from Atlantis to Sochi' },
      'Unknown city "Atlantis", expected one of Almaty, Barcelona',
    ],
    [{ query: 'рейсы в атлантиду' }, 'Unknown city "атлантиду", expected one of'],
    [{ query: 'Flüge nach Berlyn' }, 'Unknown city "Berlyn", did you mean Berlin'],
    [{ to: 'Sochi', date: 'someday' }, 'Expected a date such as 2026-12-24 or Friday, got "someday"'],
    [{ to: 'Ю'.repeat(100_000) }, `Unknown city "${'Ю'.repeat(60)}", expected one of`],
    [{ to: 'Мосвка' }, 'Unknown city "Мосвка", did you mean Moscow'],
  ])('refuses %j for good', (request, message) => {
    expect(() => run(request)).toThrow(
      expect.objectContaining({ name: 'PermanentError', message: expect.stringContaining(message) }),
    );
  });

  test('the timetable connects at least 15 cities by 40 routes and numbers no flight twice', () => {
    expect(new Set(timetable.map(({ from }) => from)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(timetable.map(({ from, to }) => from + to)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(timetable.map(({ flight }) => flight)).size).toBe(timetable.length);
  });
});
