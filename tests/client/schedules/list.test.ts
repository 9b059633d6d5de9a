import { listSchedules } from '../../../client/schedules/schedules.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { scheduleRecords } from '../../../core/schedules/schedule-records.ts';
import { aRequest, aRights, aSchedule } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

test('a caller who may read few of many schedules gets them in few pages', async () => {
  const records = memoryRecords();
  const store = scheduleRecords(records);
  const ids = Array.from({ length: 300 }, (_, number) => `s${String(number).padStart(3, '0')}`);
  for (const id of ids) {
    const { principal } = aRequest();
    const subject = id === 's250' ? 'ann' : 'zoe';
    const schedule = aSchedule({ id, request: aRequest({ principal: { ...principal, subject } }) });
    await store.update(schedule, () => schedule);
  }
  let pages = 0;
  const counting = {
    ...records,
    list: (...args: Parameters<typeof records.list>) => {
      pages++;
      return records.list(...args);
    },
  };
  const rights = aRights({ file: parsePermissionFile(JSON.stringify({ roles: {}, policies: [] })) });
  const { items, next } = await listSchedules({ records: counting as typeof records }, rights, { limit: 1 });
  expect([items.map(({ id }) => id), next]).toEqual([['s250'], undefined]);
  expect(pages).toBeGreaterThan(0);
  expect(pages).toBeLessThan(6);
});
