import { intlZones } from '../../../adapters/machine/zones.ts';

describe('intlZones', () => {
  test.each([
    ['UTC', 'UTC'],
    ['europe/berlin', 'Europe/Berlin'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
  ])('knows %s as %s', (name, expected) => {
    expect(intlZones.find(name)?.name).toBe(expected);
  });

  test.each(['', '+03:00', 'Z+3', 'Mars/Base', 'Europe/Berlin ', '../../etc', 'x'.repeat(300), 'UTC\0'])(
    'does not know %j',
    (name) => {
      expect(intlZones.find(name)).toBeUndefined();
    },
  );

  test.each([
    ['UTC', '2027-01-01T00:00:00Z', 0],
    ['Europe/Berlin', '2027-03-28T00:59:59Z', 3_600_000],
    ['Europe/Berlin', '2027-03-28T01:00:00Z', 7_200_000],
    ['America/St_Johns', '2027-01-01T00:00:00Z', -12_600_000],
    ['Asia/Kathmandu', '2027-01-01T00:00:00Z', 20_700_000],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', -36_000_000],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', 50_400_000],
  ])('gives the offset of %s at %s', (name, time, expected) => {
    expect(intlZones.find(name)?.offsetAt(Date.parse(time))).toBe(expected);
  });

  test('gives the same zone twice, and forgets offsets rather than grow', () => {
    const zone = intlZones.find('Europe/Paris');
    for (let minute = 0; minute < 20_100; minute += 1) zone?.offsetAt(minute * 60_000);
    expect(zone?.offsetAt(0)).toBe(3_600_000);
    expect(intlZones.find('Europe/Paris')).toBe(zone);
  });
});
