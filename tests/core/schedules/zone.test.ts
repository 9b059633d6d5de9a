import { intlZones } from '../../../adapters/machine/zones.ts';
import { offsetsBetween } from '../../../core/schedules/zone.ts';
import type { Zone } from '../../../core/schedules/zone.ts';

test.each([
  ['UTC', ['2027-01-01T00:00 +0']],
  ['Europe/Berlin', ['2027-01-01T00:00 +60', '2027-03-28T01:00 +120', '2027-10-31T01:00 +60']],
  ['Australia/Lord_Howe', ['2027-01-01T00:00 +660', '2027-04-03T15:00 +630', '2027-10-02T15:30 +660']],
])('the offsets of %s in a year, with the minutes from which they hold', (name, expected) => {
  const { offsetAt } = intlZones.find(name) as Zone;
  const [from, until] = [Date.parse('2027-01-01T00:00:00Z'), Date.parse('2028-01-01T00:00:00Z')];
  const shown = offsetsBetween(from, until, offsetAt).map(
    ([instant, offset]) => `${new Date(instant).toISOString().slice(0, 16)} +${offset / 60_000}`,
  );
  expect(shown).toEqual(expected);
});
