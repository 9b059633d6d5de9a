import { intlZones } from '../../../adapters/machine/zones.ts';
import { previewFirings } from '../../../core/schedules/preview.ts';
import type { Calendar } from '../../../core/schedules/firings.ts';
import type { Zone } from '../../../core/schedules/zone.ts';
import { localText, zonedText } from '../../../core/schedules/zone.ts';

function preview(
  calendar: Calendar,
  zone: string,
  [from, count]: readonly [string, number],
): readonly string[] {
  const { offsetAt } = intlZones.find(zone) as Zone;
  return previewFirings(calendar, { from: Date.parse(from), count }, offsetAt).map((line) =>
    line.kind === 'skipped'
      ? `skipped ${localText(line.local)} at ${zonedText(line.at, offsetAt)}`
      : `${zonedText(line.at, offsetAt)}${line.pass === undefined ? '' : ` ${line.pass}`}`,
  );
}

const cron = (...expressions: string[]): Calendar => ({ timing: { kind: 'cron', expressions } });

describe('previewFirings', () => {
  test.each([
    [
      'marks a time that does not exist',
      cron('30 2 * * *', '15,30 2 * * *'),
      ['2027-03-27T12:00:00Z', 2],
      [
        'skipped 2027-03-28 02:15 at 2027-03-28 03:00 +02:00',
        'skipped 2027-03-28 02:30 at 2027-03-28 03:00 +02:00',
        '2027-03-29 02:15 +02:00',
        '2027-03-29 02:30 +02:00',
      ],
    ],
    [
      'marks a time that comes twice',
      cron('30 2 * * *'),
      ['2027-10-30T12:00:00Z', 2],
      ['2027-10-31 02:30 +02:00 first', '2027-11-01 02:30 +01:00'],
    ],
    [
      'marks both passes of an open hour, which skips nothing',
      cron('0 * * * *'),
      ['2027-10-30T23:30:00Z', 3],
      ['2027-10-31 02:00 +02:00 first', '2027-10-31 02:00 +01:00 second', '2027-10-31 03:00 +01:00'],
    ],
    [
      'skips nothing of an open hour',
      cron('30 * * * *'),
      ['2027-03-28T00:00:00Z', 2],
      ['2027-03-28 01:30 +01:00', '2027-03-28 03:30 +02:00'],
    ],
    [
      'shows the times of an interval',
      { timing: { kind: 'every', seconds: 5400 } },
      ['2027-03-28T00:00:00Z', 2],
      ['2027-03-28 01:00 +01:00', '2027-03-28 03:30 +02:00'],
    ],
    [
      'is empty after the end',
      { ...cron('0 2 * * *'), endAt: '2027-01-01T00:00:00Z' },
      ['2027-03-01T00:00:00Z', 2],
      [],
    ],
  ] as const)('%s', (_, calendar, window, expected) => {
    const [from, count] = window;
    expect(preview(calendar, 'Europe/Berlin', [from, count])).toEqual(expected.slice(0));
  });
});

describe('zonedText', () => {
  test.each([
    ['America/St_Johns', '2027-01-01T03:30:00Z', '2027-01-01 00:00 -03:30'],
    ['UTC', '2027-01-01T03:30:05Z', '2027-01-01 03:30:05 +00:00'],
  ])('shows %s at %s', (zone, time, expected) => {
    expect(zonedText(Date.parse(time), (intlZones.find(zone) as Zone).offsetAt)).toBe(expected);
  });
});
