import { addDays, dateIn, monthIn, weekdayOf } from '../../skills/implementations/language/dates.ts';

/** A Sunday. */
const TODAY = '2026-11-22';

describe('dateIn', () => {
  test.each([
    ['fly on 2026-12-24', '2026-12-24'],
    ['am 24.12.2026', '2026-12-24'],
    ['24.12. nach Wien', '2026-12-24'],
    ['на 5.01.', '2027-01-05'],
    ['today', '2026-11-22'],
    ['Рейсы завтра', '2026-11-23'],
    ['the day after tomorrow', '2026-11-24'],
    ['післязавтра', '2026-11-24'],
    ['übermorgen', '2026-11-24'],
    ['on Friday', '2026-11-27'],
    ['в пятницу', '2026-11-27'],
    ["у п'ятницю", '2026-11-27'],
    ['у п’ятницю', '2026-11-27'],
    ['am Freitag', '2026-11-27'],
    ['в среду', '2026-11-25'],
    ['у середу', '2026-11-25'],
    ['in der Woche ab Mittwoch', '2026-11-25'],
    ['в воскресенье', '2026-11-22'],
    ['for the weekend', '2026-11-28'],
    ['24 December', '2026-12-24'],
    ['December 24th', '2026-12-24'],
    ['24 декабря', '2026-12-24'],
    ['24 грудня', '2026-12-24'],
    ['24. Dezember', '2026-12-24'],
    ['3 марта', '2027-03-03'],
    ['5 March 2025', '2025-03-05'],
  ])('reads %j as %s', (text, date) => {
    expect(dateIn(text, TODAY)).toBe(date);
  });

  test.each(['Find flights to Sochi', '', 'you may go', 'version 1.2.3', 'room 12'])(
    'finds none in %j',
    (text) => {
      expect(dateIn(text, TODAY)).toBeUndefined();
    },
  );

  test.each(['2026-02-31', '31.04.2027', '2026-13-01', '30 февраля'])('refuses %j by its text', (text) => {
    expect(() => dateIn(text, TODAY)).toThrow(`Expected a date of the calendar, got "${text}"`);
  });

  test('takes the 29th of February in a leap year only', () => {
    expect(dateIn('2028-02-29', TODAY)).toBe('2028-02-29');
    expect(() => dateIn('2027-02-29', TODAY)).toThrow('Expected a date of the calendar');
  });
});

describe('monthIn', () => {
  test.each([
    ['2026-09', '2026-09'],
    ['the books for September', '2026-09'],
    ['за октябрь', '2026-10'],
    ['за грудень', '2025-12'],
    ['March 2024', '2024-03'],
    ['für Oktober', '2026-10'],
    ['close the books', undefined],
  ])('reads %j as %s', (text, month) => {
    expect(monthIn(text, TODAY)).toBe(month);
  });
});

describe('addDays', () => {
  test('crosses years and leap days', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
  });
});

describe('weekdayOf', () => {
  test('counts from Monday', () => {
    expect(['2026-11-23', '2026-11-27', '2026-11-22'].map(weekdayOf)).toEqual([1, 5, 7]);
  });
});
