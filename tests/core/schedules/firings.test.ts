import * as fc from 'fast-check';
import { intlZones } from '../../../adapters/machine/zones.ts';
import { firingsBetween, nextFirings } from '../../../core/schedules/firings.ts';
import type { Calendar } from '../../../core/schedules/firings.ts';
import type { OffsetAt, Zone } from '../../../core/schedules/zone.ts';

const offsets = (name: string): OffsetAt => (intlZones.find(name) as Zone).offsetAt;
const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');
const cron = (...expressions: string[]): Calendar => ({ timing: { kind: 'cron', expressions } });

function next(calendar: Calendar, zone: string, [from, count]: readonly [string, number]): readonly string[] {
  return nextFirings(calendar, { from: Date.parse(from), count }, offsets(zone)).map(iso);
}

describe('nextFirings', () => {
  test.each([
    [
      'a daily time',
      '0 8 * * *',
      'UTC',
      '2027-01-01T08:00:00Z',
      ['2027-01-01T08:00:00Z', '2027-01-02T08:00:00Z'],
    ],
    [
      'from the middle of a minute on',
      '* * * * *',
      'UTC',
      '2027-01-01T08:00:01Z',
      ['2027-01-01T08:01:00Z', '2027-01-01T08:02:00Z'],
    ],
    [
      'a zone east',
      '0 8 * * *',
      'Pacific/Kiritimati',
      '2027-01-01T00:00:00Z',
      ['2027-01-01T18:00:00Z', '2027-01-02T18:00:00Z'],
    ],
    [
      'a zone west',
      '0 23 * * *',
      'Pacific/Pago_Pago',
      '2027-01-01T00:00:00Z',
      ['2027-01-01T10:00:00Z', '2027-01-02T10:00:00Z'],
    ],
    [
      'either day or weekday',
      '0 0 13 * 5',
      'UTC',
      '2027-01-01T00:00:01Z',
      ['2027-01-08T00:00:00Z', '2027-01-13T00:00:00Z', '2027-01-15T00:00:00Z'],
    ],
    ['a leap day over a century', '0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', ['2104-02-29T00:00:00Z']],
    [
      'the turn of a year',
      '59 23 31 12 *',
      'UTC',
      '2027-12-31T23:59:00Z',
      ['2027-12-31T23:59:00Z', '2028-12-31T23:59:00Z'],
    ],
    [
      'no time that does not exist',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-03-27T00:00:00Z',
      ['2027-03-27T01:30:00Z', '2027-03-29T00:30:00Z'],
    ],
    [
      'a doubled time once, the first',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-10-30T12:00:00Z',
      ['2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'],
    ],
    [
      'an open hour all through the doubled hour',
      '30 * * * *',
      'Europe/Berlin',
      '2027-10-30T23:00:00Z',
      ['2027-10-30T23:30:00Z', '2027-10-31T00:30:00Z', '2027-10-31T01:30:00Z', '2027-10-31T02:30:00Z'],
    ],
    [
      'a listed hour once',
      '0 1-3 * * *',
      'America/New_York',
      '2027-11-07T04:00:00Z',
      ['2027-11-07T05:00:00Z', '2027-11-07T07:00:00Z', '2027-11-07T08:00:00Z'],
    ],
    [
      'half an hour skipped',
      '15,45 2 * * *',
      'Australia/Lord_Howe',
      '2027-10-02T10:00:00Z',
      ['2027-10-02T15:45:00Z', '2027-10-03T15:15:00Z'],
    ],
    [
      'half an hour doubled',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2027-04-03T10:00:00Z',
      ['2027-04-03T14:45:00Z', '2027-04-04T15:15:00Z'],
    ],
    [
      'midnight that does not exist',
      '0 0 * * *',
      'America/Havana',
      '2027-03-13T00:00:00Z',
      ['2027-03-13T05:00:00Z', '2027-03-15T04:00:00Z'],
    ],
    [
      'no day that a zone left out',
      '0 12 * * *',
      'Pacific/Apia',
      '2011-12-29T00:00:00Z',
      ['2011-12-29T22:00:00Z', '2011-12-30T22:00:00Z'],
    ],
    [
      'a change past midnight, in order',
      '*/30 * * * *',
      'America/St_Johns',
      '2006-10-29T02:00:00Z',
      [
        '2006-10-29T02:00:00Z',
        '2006-10-29T02:30:00Z',
        '2006-10-29T03:00:00Z',
        '2006-10-29T03:30:00Z',
        '2006-10-29T04:00:00Z',
      ],
    ],
  ])('gives %s', (_, expression, zone, from, expected) => {
    expect(next(cron(expression), zone, [from, expected.length])).toEqual(expected);
  });

  test('joins expressions, each instant once', () => {
    expect(next(cron('0 8 * * *', '0 8,12 * * 5'), 'UTC', ['2027-01-01T00:00:00Z', 3])).toEqual([
      '2027-01-01T08:00:00Z',
      '2027-01-01T12:00:00Z',
      '2027-01-02T08:00:00Z',
    ]);
  });

  test('counts intervals from the epoch', () => {
    const calendar: Calendar = { timing: { kind: 'every', seconds: 600 } };
    expect(next(calendar, 'UTC', ['2027-01-01T00:00:01Z', 2])).toEqual([
      '2027-01-01T00:10:00Z',
      '2027-01-01T00:20:00Z',
    ]);
  });

  test.each([
    ['2027-01-01T08:00:00Z', ['2027-01-01T08:00:00Z']],
    ['2027-01-01T08:00:01Z', []],
  ])('gives the one time, seen from %s', (from, expected) => {
    expect(next({ timing: { kind: 'at', at: '2027-01-01T08:00:00Z' } }, 'UTC', [from, 3])).toEqual(expected);
  });

  test('keeps within start and end, both included', () => {
    const calendar: Calendar = {
      timing: { kind: 'every', seconds: 3600 },
      startAt: '2027-01-01T08:00:00Z',
      endAt: '2027-01-01T10:00:00Z',
    };
    const expected = ['2027-01-01T08:00:00Z', '2027-01-01T09:00:00Z', '2027-01-01T10:00:00Z'];
    expect(next(calendar, 'UTC', ['2026-01-01T00:00:00Z', 9])).toEqual(expected);
    expect(next(calendar, 'UTC', ['2027-01-01T09:30:00Z', 9])).toEqual(expected.slice(2));
  });

  test('ends with the year 9999', () => {
    expect(next(cron('0 0 31 12 *'), 'UTC', ['9998-01-01T00:00:00Z', 5])).toEqual([
      '9998-12-31T00:00:00Z',
      '9999-12-31T00:00:00Z',
    ]);
  });

  test('gives none where none are wanted', () => {
    expect(next(cron('* * * * *'), 'UTC', ['2027-01-01T00:00:00Z', 0])).toEqual([]);
  });

  test('takes a day of every minute and a century of leap days', () => {
    expect(next(cron('* * * * *'), 'Europe/Berlin', ['2027-10-31T00:00:00Z', 1440])).toHaveLength(1440);
    expect(next(cron('0 0 29 2 *'), 'Europe/Berlin', ['2027-01-01T00:00:00Z', 24])).toHaveLength(24);
  });

  test('agrees with a search minute by minute', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Africa/Casablanca',
    ];
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 2, max: 7 }).map((n) => `*/${n}`),
      );
    const changes = [
      '2027-03-14',
      '2027-03-28',
      '2027-04-04',
      '2027-10-03',
      '2027-10-31',
      '2027-11-07',
      '2027-02-07',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...changes),
        fc.tuple(field(0, 59), field(0, 7), field(1, 31), fc.constant('*'), field(0, 7)),
        (zone, day, fields) => {
          const from = Date.parse(day) - 12 * 3_600_000;
          const to = from + 36 * 3_600_000;
          const found = firingsBetween(cron(fields.join(' ')), { from, to, limit: 10_000 }, offsets(zone));
          expect(found.map(iso)).toEqual(slowly(fields, { from, to }, offsets(zone)));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Every minute between two instants whose clocks show what the fields say, a repeated local time once. */
function slowly(
  fields: readonly string[],
  { from, to }: { from: number; to: number },
  offsetAt: OffsetAt,
): readonly string[] {
  const [minute, hour, day, , weekday] = fields as [string, string, string, string, string];
  const isIn = (field: string, value: number, base = 0): boolean =>
    field === '*' ||
    (field.startsWith('*/') ? (value - base) % Number(field.slice(2)) === 0 : Number(field) === value);
  const seen = new Set<number>();
  const found: string[] = [];
  for (let instant = from - 86_400_000; instant <= to; instant += 60_000) {
    const local = instant + offsetAt(instant);
    const shown = new Date(local);
    const isDay = isIn(day, shown.getUTCDate(), 1);
    const isWeekday = isIn(weekday, shown.getUTCDay()) || (weekday === '7' && shown.getUTCDay() === 0);
    const isThatDay = day === '*' || weekday === '*' ? isDay && isWeekday : isDay || isWeekday;
    if (!isThatDay || !isIn(minute, shown.getUTCMinutes()) || !isIn(hour, shown.getUTCHours())) continue;
    if (hour !== '*' && seen.has(local)) continue;
    seen.add(local);
    if (instant >= from) found.push(iso(instant));
  }
  return found;
}

describe('firingsBetween', () => {
  test.each([
    [10, ['2027-01-01T00:00:00Z', '2027-01-01T00:10:00Z', '2027-01-01T00:20:00Z']],
    [2, ['2027-01-01T00:00:00Z', '2027-01-01T00:10:00Z']],
    [0, []],
  ])('includes both ends, and at most %i', (limit, expected) => {
    const span = { from: Date.parse('2027-01-01T00:00:00Z'), to: Date.parse('2027-01-01T00:20:00Z'), limit };
    expect(
      firingsBetween({ timing: { kind: 'every', seconds: 600 } }, span, offsets('UTC')).map(iso),
    ).toEqual(expected);
  });
});
