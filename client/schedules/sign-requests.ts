/** Signs the requests of schedules that were stored before this deployment had a server key; workers refuse them otherwise. */
import type { Signers } from '../../core/runs/signers.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import type { Records } from '../../core/storage/records.ts';
import { qualifiedScheduleId } from '../../core/values/schedule-id.ts';

type Sign = NonNullable<Signers['sign']>;

/**
 * For development, where the server key appears with the first engine that makes one. A request with a signature is left as
 * it is. Call it before `repairSchedules`, which hands the changed requests to Temporal.
 */
export async function signSchedules(records: Records, sign: Sign): Promise<void> {
  const store = scheduleRecords(records);
  const unsigned = (await store.list()).filter(isUnsigned);
  for (const schedule of unsigned) {
    await store.update(schedule, (current) =>
      current === undefined || !isUnsigned(current) ? current : signed(current, sign),
    );
  }
}

function isUnsigned({ request }: Schedule): boolean {
  return request.signature === undefined;
}

function signed(schedule: Schedule, sign: Sign): Schedule {
  const { request, tenant, id } = schedule;
  const signature = sign(qualifiedScheduleId(tenant, id), request);
  return { ...schedule, request: { ...request, signature } };
}
