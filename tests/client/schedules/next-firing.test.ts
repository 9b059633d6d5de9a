import { intlZones } from '../../../adapters/machine/zones.ts';
import { nextFiring } from '../../../client/schedules/show.ts';
import { scheduleRecords } from '../../../core/schedules/schedule-records.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { aSchedule } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const DAILY = aSchedule();

async function nextOf(...schedules: readonly Schedule[]) {
  const records = memoryRecords();
  const store = scheduleRecords(records);
  for (const schedule of schedules) await store.update(schedule, () => schedule);
  const found = await nextFiring({
    records,
    zones: intlZones,
    now: () => Date.parse('2027-01-02T12:30:00Z'),
  });
  return found && [found.schedule.id, new Date(found.at).toISOString()];
}

test.each<[string, readonly Schedule[], readonly [string, string] | undefined]>([
  ['nothing without schedules', [], undefined],
  ['the next time in the zone', [DAILY], ['daily', '2027-01-03T05:00:00.000Z']],
  [
    'the first of several, of any tenant',
    [DAILY, { ...DAILY, id: 'hourly', tenant: 'acme', timing: { kind: 'cron', expressions: ['0 * * * *'] } }],
    ['hourly', '2027-01-02T13:00:00.000Z'],
  ],
  ['no disabled schedule', [{ ...DAILY, enabled: false }], undefined],
  ['no time that has passed', [{ ...DAILY, timing: { kind: 'at', at: '2027-01-02T05:00:00Z' } }], undefined],
])('nextFiring gives %s', async (_, schedules, expected) => {
  expect(await nextOf(...schedules)).toEqual(expected);
});
