import { intlZones } from '../../../adapters/machine/zones.ts';
import { parseCron } from '../../../core/schedules/cron.ts';
import { firingsBetween } from '../../../core/schedules/firings.ts';
import { utcCalendars } from '../../../core/schedules/utc-calendars.ts';
import type { Range, UtcCalendar } from '../../../core/schedules/utc-calendars.ts';
import type { Zone } from '../../../core/schedules/zone.ts';

const DAY_MS = 86_400_000;
const zone = (name: string) => intlZones.find(name) as Zone;

const EXPRESSIONS = [
  '30 2 * * *',
  '0 * * * *',
  '*/15 * * * *',
  '15 0 * * 0,6',
  '0 0 1 * *',
  '0 0 13 * 5',
  '45 1,2,3 * * *',
  '5-25/10 */6 * * 1-5',
  '0 8 29 2 *',
  '59 23 31 12 *',
];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kathmandu',
];

const values = (ranges: readonly Range[]): readonly number[] =>
  ranges.flatMap(({ start, end }) => Array.from({ length: end - start + 1 }, (_, index) => start + index));

/** Everything that calendars name, ascending, without days that a month does not have. */
function expand(calendars: readonly UtcCalendar[]): readonly number[] {
  const found = new Set<number>();
  for (const { year, month, dayOfMonth, hour, minute } of calendars)
    for (const y of values(year))
      for (const m of values(month))
        for (const d of values(dayOfMonth)) {
          const day = Date.UTC(y, m - 1, d);
          if (new Date(day).getUTCDate() !== d) continue;
          for (const h of values(hour))
            for (const min of values(minute)) found.add(day + (h * 60 + min) * 60_000);
        }
  return [...found].sort((a, b) => a - b);
}

describe('utcCalendars', () => {
  const from = Date.parse('2027-01-01T00:00:00Z');
  const until = Date.parse('2028-12-31T00:00:00Z');

  test.each(ZONES.flatMap((name) => EXPRESSIONS.map((expression) => [expression, name] as const)))(
    'fire as %s in %s',
    (expression, name) => {
      const { offsetAt } = zone(name);
      const calendars = utcCalendars([parseCron(expression)], { from, until }, offsetAt);
      const timing = { kind: 'cron', expressions: [expression] } as const;
      const expected = firingsBetween({ timing }, { from, to: until + DAY_MS - 1, limit: 1e6 }, offsetAt);
      const found = expand(calendars);
      expect(found.find((instant, index) => instant !== expected[index])).toBeUndefined();
      expect(found).toHaveLength(expected.length);
      expect(calendars.length).toBeLessThan(80);
    },
  );

  test('join months and years that are alike', () => {
    expect(utcCalendars([parseCron('0,30 8,9 * * *')], { from, until }, zone('UTC').offsetAt)).toEqual([
      {
        year: [{ start: 2027, end: 2028 }],
        month: [{ start: 1, end: 12 }],
        dayOfMonth: [{ start: 1, end: 31 }],
        hour: [{ start: 8, end: 9 }],
        minute: [
          { start: 0, end: 0 },
          { start: 30, end: 30 },
        ],
      },
    ]);
  });

  test('join expressions', () => {
    const crons = ['0 8 * * *', '0 8,12 1 1 *'].map(parseCron);
    const calendars = utcCalendars(crons, { from, until: from + DAY_MS }, zone('UTC').offsetAt);
    expect(calendars.map(({ dayOfMonth, hour }) => [dayOfMonth, hour])).toEqual([
      [
        [{ start: 1, end: 1 }],
        [
          { start: 8, end: 8 },
          { start: 12, end: 12 },
        ],
      ],
      [[{ start: 2, end: 2 }], [{ start: 8, end: 8 }]],
    ]);
  });

  test('are one for an expression of every minute', () => {
    const { offsetAt } = zone('Europe/Berlin');
    expect(utcCalendars([parseCron('* * * * *')], { from, until }, offsetAt)).toHaveLength(1);
  });
});
