import { intlZones } from '../../../adapters/machine/zones.ts';
import { repairSchedules } from '../../../client/schedules/repair.ts';
import type { DerivingPorts } from '../../../client/schedules/ports.ts';
import { scheduleRecords } from '../../../core/schedules/schedule-records.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { aSchedule } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { simulateTemporal } from '../../support/simulated-temporal.ts';

const NOW = Date.parse('2027-01-18T08:00:00Z');
const cron = (expression: string) => ({ timing: { kind: 'cron', expressions: [expression] } }) as const;

test('those that fire next are repaired first, and disabled ones last; equal ones are left alone', async () => {
  const records = memoryRecords();
  const ports: DerivingPorts = { records, now: () => NOW, zones: intlZones };
  const save = (id: string, more: Partial<Schedule>) =>
    scheduleRecords(records).update({ tenant: 'default', id }, () => aSchedule({ id, ...more }));
  await save('a-disabled', { ...cron('1 8 * * *'), enabled: false });
  await save('b-tomorrow', cron('0 7 * * *'));
  await save('c-removed', { isRemoved: true });
  await save('d-missed', { timing: { kind: 'at', at: '2027-01-18T07:30:00Z' }, catchupSeconds: 3600 });
  await save('e-soon', { ...cron('5 9 * * *'), zone: 'Europe/Berlin' });
  const { temporal, ids, wipe } = simulateTemporal(async () => undefined);
  const expected = ['d-missed', 'e-soon', 'b-tomorrow', 'a-disabled'];
  for (const repaired of [5, 0]) {
    expect(await repairSchedules(ports, temporal)).toBe(repaired);
    expect(ids()).toEqual(expected);
  }
  wipe();
  expect(await repairSchedules(ports, temporal)).toBe(4);
  expect(ids()).toEqual(expected);
});
