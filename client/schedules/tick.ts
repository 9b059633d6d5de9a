/**
 * Runs the firings that are due now, for roots without a permanent worker. Two ticks at once run each firing
 * once.
 */
import { mayOperate } from '../../core/rights/operations.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { dueFirings } from '../../core/schedules/due.ts';
import { planDue } from '../../core/schedules/overlap.ts';
import { skippedSchedule } from '../../core/schedules/schedule.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { slotTime } from '../../core/values/schedule-id.ts';
import type { Actor } from '../audit/authorize.ts';
import { awaitRun } from '../runs/await-run.ts';
import { cancelRun } from '../runs/cancel.ts';
import { ensureRecord } from '../runs/read-run.ts';
import type { Temporal } from '../temporal/connection.ts';
import { fireDue, flightsOf, lastRuns } from './fire.ts';
import { repairSchedules } from './repair.ts';
import { zoneOf } from './ports.ts';
import type { SchedulePorts } from './ports.ts';

export interface TickReport {
  readonly schedule: string;
  readonly status: 'completed' | 'failed' | 'waiting' | 'skipped';
  readonly runId?: string;
  /** Times that the overlap policy skips or delays. */
  readonly times?: readonly string[];
}

export interface Tick {
  readonly actor: Actor;
  /** Ends the wait; the runs continue. */
  readonly signal: AbortSignal;
  readonly onReport: (report: TickReport) => void;
}

/** Resolves to the schedules with due firings that the caller may change, each with its due times. */
export async function dueSchedules(
  ports: SchedulePorts,
  { rights }: Actor,
): Promise<{ readonly all: number; readonly due: readonly Schedule[] }> {
  const all = (await scheduleRecords(ports.records).list()).filter(
    ({ tenant, isRemoved, request }) =>
      tenant === rights.tenant &&
      isRemoved !== true &&
      mayOperate(rights, 'schedules:write', request).isAllowed,
  );
  const firsts = all.map((schedule) => ({ schedule, first: dueOf(ports, schedule)[0] ?? Infinity }));
  const due = firsts.filter(({ first }) => first < Infinity).sort((a, b) => a.first - b.first);
  return { all: all.length, due: due.map(({ schedule }) => schedule) };
}

/** Repairs Temporal's Schedules, then runs the due firings of `schedules`, one schedule after another. */
export async function tickSchedules(
  ports: SchedulePorts,
  temporal: Temporal,
  { schedules, ...tick }: Tick & { readonly schedules: readonly Schedule[] },
): Promise<void> {
  await repairSchedules(ports, temporal);
  for (const { id, tenant } of schedules) {
    const schedule = await scheduleRecords(ports.records).get({ id, tenant });
    if (schedule !== undefined) await tickOne(ports, temporal, { schedule, tick });
  }
}

async function tickOne(
  ports: SchedulePorts,
  temporal: Temporal,
  { schedule, tick }: { readonly schedule: Schedule; readonly tick: Tick },
): Promise<void> {
  const runs = await lastRuns(ports, schedule, 100);
  const inFlight = runs.find(({ status }) => isInFlight(status));
  const due = await withoutOverlapped(ports, { schedule, runs });
  const plan = planDue(due, schedule.overlap, inFlight !== undefined);
  if (plan.cancelsOther && inFlight !== undefined) await cancelRun(ports, temporal, inFlight.id);
  await skip(ports, schedule, { times: plan.skipped, because: inFlight?.id });
  const skipped = [...plan.skipped, ...plan.waiting].map(slotTime);
  if (skipped.length > 0) {
    const because = inFlight === undefined ? {} : { runId: inFlight.id };
    tick.onReport({ schedule: schedule.id, status: 'skipped', times: skipped, ...because });
  }
  for (const at of plan.start) {
    if (tick.signal.aborted) return;
    const runId = await fireDue(temporal, { schedule, at });
    await awaitRun(ports, temporal, { runId, signal: tick.signal, returnsWhenParked: true });
    const record = await ensureRecord(ports, temporal, runId);
    tick.onReport({ schedule: schedule.id, status: statusOf(record), runId });
    if (isInFlight(record.status) && schedule.overlap !== 'allow') return;
  }
}

function statusOf({ status }: RunRecord): TickReport['status'] {
  if (isInFlight(status)) return 'waiting';
  return status === 'success' ? 'completed' : 'failed';
}

/** With the policy `skip`, Temporal has skipped the times that overlapped another run; they are recorded here. */
async function withoutOverlapped(
  ports: SchedulePorts,
  { schedule, runs }: { readonly schedule: Schedule; readonly runs: readonly RunRecord[] },
): Promise<readonly number[]> {
  const due = dueOf(ports, schedule);
  if (schedule.overlap !== 'skip') return due;
  const ended = flightsOf(runs.filter(({ status }) => !isInFlight(status)));
  const flightAt = (at: number) => ended.find(({ from, to = from }) => from < at && at < to);
  const overlapped = due.filter((at) => flightAt(at) !== undefined);
  for (const at of overlapped) await skip(ports, schedule, { times: [at], because: flightAt(at)?.runId });
  return due.filter((at) => flightAt(at) === undefined);
}

async function skip(
  ports: SchedulePorts,
  schedule: Schedule,
  { times, because }: { readonly times: readonly number[]; readonly because: string | undefined },
): Promise<void> {
  if (times.length === 0) return;
  const skipped = times.map((at) => ({ at: slotTime(at), ...(because === undefined ? {} : { because }) }));
  await scheduleRecords(ports.records).update(schedule, (current) =>
    current === undefined ? current : skippedSchedule(current, skipped),
  );
}

function dueOf(ports: SchedulePorts, schedule: Schedule): readonly number[] {
  return dueFirings(schedule, ports.now(), zoneOf(ports, schedule).offsetAt);
}
