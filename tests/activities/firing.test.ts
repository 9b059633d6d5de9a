import { asyncLocalStorage } from '@temporalio/activity';
import type { Context } from '@temporalio/activity';
import { claimFiring } from '../../activities/firing.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { firedRunId } from '../../core/values/schedule-id.ts';
import { aRequest, aSchedule } from '../support/builders.ts';
import { memoryBlobs } from '../support/memory-blobs.ts';
import { memoryRecords } from '../support/memory-records.ts';

test('a firing uses the payload of its schedule, which may be removed before the run ends', async () => {
  const records = memoryRecords();
  const touched: string[] = [];
  const blobs = {
    ...memoryBlobs(),
    touch: async (hashes: readonly string[]) => void touched.push(...hashes),
  };
  const payload = { ref: 'a'.repeat(64), bytes: 20_000 };
  const request = aRequest({ schedule: 'daily', payload });
  await scheduleRecords(records).update({ tenant: 'default', id: 'daily' }, () => aSchedule({ request }));
  const claim = (day: string) => {
    const at = Date.parse(`${day}T05:00:00Z`);
    const workflowId = firedRunId({ tenant: 'default', schedule: 'daily', at, attempt: 1 });
    const context = { info: { workflowExecution: { workflowId, runId: 'x' } } } as unknown as Context;
    return asyncLocalStorage.run(context, () => claimFiring({ records, blobs, now: () => at }, request));
  };
  await expect(claim('2026-12-01')).resolves.toMatchObject({ code: 'schedule_refused' });
  expect(touched).toEqual([]);
  await expect(claim('2027-01-02')).resolves.toBeUndefined();
  expect(touched).toEqual([payload.ref]);
});
