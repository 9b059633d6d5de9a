/** Starts runs of a schedule. */
import { runRecords } from '../../core/runs/run-records.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Flight } from '../../core/schedules/due.ts';
import { firedSchedule } from '../../core/schedules/schedule.ts';
import type { FiringWay, Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { msOf } from '../../core/values/iso-time.ts';
import { firedRunId, slotTime } from '../../core/values/schedule-id.ts';
import { recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { startWorkflow } from '../submit/start-workflow.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { SchedulePorts } from './ports.ts';

/**
 * Starts the run of a due time, unless another process has started it: each time has one run id. Resolves to
 * the run id.
 */
export async function fireDue(
  temporal: Temporal,
  { schedule, at }: { readonly schedule: Schedule; readonly at: number },
): Promise<string> {
  const runId = firedRunId({ tenant: schedule.tenant, schedule: schedule.id, at, attempt: 1 });
  await startWorkflow(temporal, { runId, request: schedule.request });
  return runId;
}

/**
 * Starts another run of a time under the first free run id. The firing is recorded before the start, because
 * the worker refuses a run whose time is not in the schedule. Two triggers at once run twice; two backfills at once share
 * the run that the first of them has started. Resolves to the run id.
 */
export async function fireAgain(
  ports: SchedulePorts,
  temporal: Temporal,
  firing: { readonly schedule: Schedule; readonly at: number; readonly way: FiringWay },
): Promise<string> {
  const { schedule, at, way } = firing;
  const { attempts } = await runsOf(ports, schedule, at);
  for (let attempt = attempts + 1; ; attempt += 1) {
    const runId = firedRunId({ tenant: schedule.tenant, schedule: schedule.id, at, attempt });
    const known = schedule.fired.find((each) => each.runId === runId);
    const isShared = way === 'backfill' && known?.end === undefined;
    if (known !== undefined && !isShared) continue;
    await recordFiring(ports, schedule, { at, runId, way });
    const isStarted = await startWorkflow(temporal, { runId, request: schedule.request });
    if (isStarted || isShared) return runId;
  }
}

/** Runs the schedule now, even if it is disabled. */
export async function triggerSchedule(
  ports: SchedulePorts,
  temporal: Temporal,
  { actor, schedule }: { readonly actor: Actor; readonly schedule: Schedule },
): Promise<string> {
  const at = Math.floor(ports.now() / 1000) * 1000;
  const run = await fireAgain(ports, temporal, { schedule, at, way: 'trigger' });
  const { skill, id } = schedule;
  await recordAudit(ports, actor, { action: 'schedule_triggered', skill, run, after: { schedule: id } });
  return run;
}

interface RunsOfTime {
  readonly attempts: number;
  readonly hasSucceeded: boolean;
  /** The last run, if it has not ended. */
  readonly inFlight: string | undefined;
}

/** What is recorded of the runs of one time. */
export async function runsOf(
  ports: Pick<SchedulePorts, 'records'>,
  { tenant, id: schedule }: Schedule,
  at: number,
): Promise<RunsOfTime> {
  let hasSucceeded = false;
  let inFlight: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const record = await runRecords(ports.records).get(firedRunId({ tenant, schedule, at, attempt }));
    if (record === undefined) return { attempts: attempt - 1, hasSucceeded, inFlight };
    hasSucceeded ||= record.status === 'success';
    inFlight = isInFlight(record.status) ? record.id : undefined;
  }
}

/** Resolves to the records of the last `limit` firings, newest first; omits runs that no worker has taken. */
export async function lastRuns(
  ports: Pick<SchedulePorts, 'records'>,
  { fired }: Schedule,
  limit: number,
): Promise<readonly RunRecord[]> {
  const ids = fired
    .slice(-limit)
    .reverse()
    .map(({ runId }) => runId);
  const records = await Promise.all(ids.map((runId) => runRecords(ports.records).get(runId)));
  return records.filter((record) => record !== undefined);
}

/** Returns the times during which the runs were in flight. */
export function flightsOf(runs: readonly RunRecord[]): readonly Flight[] {
  return runs.map(({ id, startedAt, createdAt, endedAt, status }) => {
    const from = msOf(startedAt ?? createdAt);
    if (isInFlight(status)) return { runId: id, from };
    return { runId: id, from, to: endedAt === undefined ? from : msOf(endedAt) };
  });
}

async function recordFiring(
  ports: SchedulePorts,
  schedule: Schedule,
  { at, runId, way }: { readonly at: number; readonly runId: string; readonly way: FiringWay },
): Promise<void> {
  await scheduleRecords(ports.records).update(schedule, (current) =>
    current === undefined ? current : firedSchedule(current, { at: slotTime(at), runId, way }),
  );
}
