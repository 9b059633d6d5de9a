import { civilDateOf, dayNumberOf, daysInMonth, weekdayOf } from '../../../core/schedules/civil-date.ts';

describe('dayNumberOf and civilDateOf', () => {
  test.each([
    ['1970-01-01', 0, 4],
    ['1969-12-31', -1, 3],
    ['2000-02-29', 11_016, 2],
    ['2027-03-28', 20_905, 0],
    ['2100-03-01', 47_541, 1],
    ['0000-03-01', -719_468, 3],
    ['-001-12-31', -719_529, 5],
  ])('%s is day %i, weekday %i', (text, dayNumber, weekday) => {
    const [, year, month, day] = (/^(-?\d+)-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number);
    expect(dayNumberOf({ year: year as number, month: month as number, day: day as number })).toBe(dayNumber);
    expect(civilDateOf(dayNumber)).toEqual({ year, month, day });
    expect(weekdayOf(dayNumber)).toBe(weekday);
  });

  test('agree with the platform over four centuries', () => {
    for (let day = -50_000; day < 100_000; day += 13) {
      const { year, month, day: dayOfMonth } = civilDateOf(day);
      expect([year, month, dayOfMonth]).toEqual(
        new Date(day * 86_400_000).toISOString().slice(0, 10).split('-').map(Number),
      );
      expect(dayNumberOf({ year, month, day: dayOfMonth })).toBe(day);
    }
  });
});

describe('daysInMonth', () => {
  test.each([
    [2027, 1, 31],
    [2027, 2, 28],
    [2028, 2, 29],
    [2100, 2, 28],
    [2000, 2, 29],
    [2027, 12, 31],
  ])('%i-%i has %i', (year, month, expected) => {
    expect(daysInMonth(year, month)).toBe(expected);
  });
});
