import { scheduleRecords } from '../../../core/schedules/schedule-records.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const schedule = (tenant: string, id: string) => ({ tenant, id, enabled: true }) as Schedule;

describe('scheduleRecords', () => {
  test('keeps schedules by tenant and id', async () => {
    const records = scheduleRecords(memoryRecords());
    const [own, other] = [schedule('default', 'nightly'), schedule('acme', 'nightly')];
    await records.update(own, () => own);
    await records.update(other, () => other);
    expect(await records.get({ tenant: 'default', id: 'nightly' })).toEqual(own);
    expect(await records.get({ tenant: 'acme', id: 'nightly' })).toEqual(other);
    expect(await records.get({ tenant: 'acme', id: 'daily' })).toBeUndefined();
    await records.update(other, () => undefined);
    expect(await records.list()).toEqual([own]);
  });

  test('lists more than a page', async () => {
    const records = scheduleRecords(memoryRecords());
    for (let index = 0; index < 10_001; index += 1) {
      const each = schedule('default', `s${index}`);
      await records.update(each, () => each);
    }
    expect(await records.list()).toHaveLength(10_001);
  });

  test('lists a page of a tenant', async () => {
    const records = scheduleRecords(memoryRecords());
    for (const id of ['a', 'b', 'c']) {
      const each = schedule('acme', id);
      await records.update(each, () => each);
    }
    const after = (id: string) => ({ tenant: 'acme', id });
    expect(await records.page({ limit: 2, after: after('') })).toMatchObject([{ id: 'a' }, { id: 'b' }]);
    expect(await records.page({ limit: 2, after: after('b') })).toMatchObject([{ id: 'c' }]);
  });

  test('lists none', async () => {
    expect(await scheduleRecords(memoryRecords()).list()).toEqual([]);
  });
});
