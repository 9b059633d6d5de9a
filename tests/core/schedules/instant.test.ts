import { intlZones } from '../../../adapters/machine/zones.ts';
import { parseInstant } from '../../../core/schedules/instant.ts';
import type { Zone } from '../../../core/schedules/zone.ts';

const zone = (name: string) => intlZones.find(name) as Zone;

describe('parseInstant', () => {
  test.each([
    ['2026-01-18T08:00:00+03:00', 'UTC', '2026-01-18T05:00:00.000Z'],
    ['2026-01-18T08:00:00+03:00', 'America/New_York', '2026-01-18T05:00:00.000Z'],
    ['2026-01-18T08:00:00Z', 'Europe/Berlin', '2026-01-18T08:00:00.000Z'],
    ['2026-01-18t08:00:00z', 'Europe/Berlin', '2026-01-18T08:00:00.000Z'],
    ['2026-01-18T08:00:00.999Z', 'UTC', '2026-01-18T08:00:00.000Z'],
    ['2026-01-18T08:00-0430', 'UTC', '2026-01-18T12:30:00.000Z'],
    ['2026-01-18T0800+14', 'UTC', '2026-01-17T18:00:00.000Z'],
    ['2026-01-18T08:00:30', 'Europe/Berlin', '2026-01-18T07:00:30.000Z'],
    ['2026-07-18T08:00', 'Europe/Berlin', '2026-07-18T06:00:00.000Z'],
    ['2026-07-18', 'Asia/Kolkata', '2026-07-17T18:30:00.000Z'],
    ['2028-02-29T00:00', 'UTC', '2028-02-29T00:00:00.000Z'],
    ['2027-10-31T02:30', 'Europe/Berlin', '2027-10-31T00:30:00.000Z'],
  ])('reads %s in %s as %s', (text, name, expected) => {
    expect(new Date(parseInstant(text, zone(name), '--run-at')).toISOString()).toBe(expected);
  });

  test.each([
    ['tomorrow', 'ISO 8601 such as 2027-01-18T08:00:00+03:00'],
    ['', 'ISO 8601 such as 2027-01-18T08:00:00+03:00'],
    ['2026-01-18T', 'ISO 8601 such as 2027-01-18T08:00:00+03:00'],
    ['2026-01-18 08:00', 'ISO 8601 such as 2027-01-18T08:00:00+03:00'],
    ['2026-01-18T08:00:00+03:00 ', 'ISO 8601 such as 2027-01-18T08:00:00+03:00'],
    ['2026-01-18T08:00:00+15:00', 'an offset between -14:00 and +14:00'],
    ['2026-01-18T08:00:00+03:60', 'an offset between -14:00 and +14:00'],
    ['2026-02-30T08:00', 'a date that exists, from 1970 on'],
    ['2026-02-29', 'a date that exists, from 1970 on'],
    ['2026-13-01', 'a date that exists, from 1970 on'],
    ['2026-00-01', 'a date that exists, from 1970 on'],
    ['2026-01-00', 'a date that exists, from 1970 on'],
    ['1969-12-31', 'a date that exists, from 1970 on'],
    ['2026-01-18T24:00', 'a time between 00:00:00 and 23:59:59'],
    ['2026-01-18T08:60', 'a time between 00:00:00 and 23:59:59'],
    ['2026-01-18T08:00:60', 'a time between 00:00:00 and 23:59:59'],
    ['2027-03-28T02:30', 'a time that exists in Europe/Berlin: clocks skip this one'],
  ])('refuses %j', (text, expected) => {
    expect(() => parseInstant(text, zone('Europe/Berlin'), '--run-at')).toThrow(
      expect.objectContaining({
        code: 'invalid_schedule',
        message: `Invalid --run-at ${JSON.stringify(text)}: expected ${expected}`,
      }),
    );
  });

  test('shows the beginning of a long text', () => {
    expect(() => parseInstant('x'.repeat(500), zone('UTC'), '--from')).toThrow(
      /^Invalid --from "x{77}\.\.\."/,
    );
  });
});
