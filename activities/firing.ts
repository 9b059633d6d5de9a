/** The firing of a scheduled run: the schedule's record decides if the run may start, and stores its end. */
import { intlZones } from '../adapters/machine/zones.ts';
import { endedSchedule, firedSchedule } from '../core/schedules/schedule.ts';
import { refuseFiring } from '../core/schedules/due.ts';
import { scheduleRecords } from '../core/schedules/schedule-records.ts';
import { runRecords } from '../core/runs/run-records.ts';
import type { RunFailure, RunRecord, RunRequest } from '../core/runs/run.ts';
import { isoTime } from '../core/values/iso-time.ts';
import { refsIn } from '../core/values/carried.ts';
import { parseFiredRunId, qualifiedScheduleId } from '../core/values/schedule-id.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';

type Records = Pick<WorkerPorts, 'records'>;
type FiringPorts = Pick<WorkerPorts, 'records' | 'blobs' | 'now'>;

/** The id under which the request was signed: that of the schedule, because its run ids were unknown at that time. */
export function signedId({ tenant, schedule }: RunRequest): string {
  return schedule === undefined ? currentExecution().id : qualifiedScheduleId(tenant, schedule);
}

/** Records the firing in the schedule, once. Returns the reason to refuse the run, or undefined if it may run. */
export async function claimFiring(
  { records, blobs, now }: FiringPorts,
  { tenant, schedule: id, signature, payload }: RunRequest,
): Promise<RunFailure | undefined> {
  if (id === undefined) return undefined;
  const { id: runId, executionId } = currentExecution();
  const firing = parseFiredRunId(runId);
  if (firing?.schedule !== id || firing.tenant !== tenant)
    return refusal('The run belongs to another schedule');
  const record = await runRecords(records).get(runId);
  if (hasEnded(record, executionId)) return refusal('The run has ended');
  const toRun = { at: firing.at, now: now(), runId, signature, hasRecord: record !== undefined };
  let refused: RunFailure | undefined;
  await scheduleRecords(records).update({ tenant, id }, (current) => {
    const zone = intlZones.find(current?.zone ?? 'UTC');
    refused = refuseFiring(current, toRun, zone?.offsetAt ?? (() => 0));
    if (current === undefined || refused !== undefined) return current;
    return firedSchedule(current, { at: isoTime(firing.at), runId, way: 'time' });
  });
  const refs = refsIn(payload); // the run may outlive its schedule, for which alone `storage gc` keeps the payload
  if (refused === undefined && refs.length > 0) await blobs.touch(refs);
  return refused;
}

/** Records the end of the run in its schedule. */
export async function reportEnd(
  { records }: Records,
  { id, tenant, schedule, status }: RunRecord,
): Promise<void> {
  if (schedule === undefined) return;
  await scheduleRecords(records).update({ tenant, id: schedule }, (current) =>
    current === undefined ? current : endedSchedule(current, id, status),
  );
}

/** Temporal may start the same time again under the same run id; only the first run of a time counts. */
export function hasEnded(record: RunRecord | undefined, executionId: string): boolean {
  return record?.schedule !== undefined && record.endedAt !== undefined && record.executionId !== executionId;
}

function refusal(message: string): RunFailure {
  return { code: 'schedule_refused', message };
}
