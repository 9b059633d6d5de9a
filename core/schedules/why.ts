/** Explains what a schedule does next, or why it does nothing: a reason code, a sentence, and the next command. */
import { isInFlight } from '../runs/run.ts';
import type { RunRecord } from '../runs/run.ts';
import { slotTime } from '../values/schedule-id.ts';
import { dueFirings } from './due.ts';
import type { Missed } from './due.ts';
import { nextOf, statusOf } from './schedule.ts';
import type { Schedule, ScheduleStatus } from './schedule.ts';
import type { OffsetAt } from './zone.ts';

export interface ScheduleWhy {
  readonly reason: 'paused_by_failure' | 'overlap' | 'waiting' | 'due' | 'missed' | ScheduleStatus;
  readonly message: string;
  readonly command: string;
}

interface ScheduleView {
  readonly now: number;
  readonly offsetAt: OffsetAt;
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  readonly missed: readonly Missed[];
}

/** The first that applies: it is off or over; a firing is held up; a firing is due or was missed; the next firing. */
export function whyOfSchedule(schedule: Schedule, view: ScheduleView): ScheduleWhy {
  return whyOff(schedule, view) ?? whyHeldUp(view) ?? whyLate(schedule, view) ?? whyScheduled(schedule, view);
}

function whyOff(schedule: Schedule, { now, offsetAt, runs: [last] }: ScheduleView): ScheduleWhy | undefined {
  const { id, pausedBy } = schedule;
  if (pausedBy !== undefined) {
    const message = `The schedule is disabled because ${pausedBy} failed`;
    return { reason: 'paused_by_failure', message, command: `skillos why ${pausedBy}` };
  }
  const status = statusOf(schedule, now, offsetAt);
  if (status === 'enabled') return undefined;
  if (status === 'disabled') {
    return { reason: status, message: 'The schedule is disabled', command: `skillos schedule enable ${id}` };
  }
  const command = last === undefined ? `skillos schedule show ${id}` : `skillos why ${last.id}`;
  return { reason: status, message: 'The schedule has no firing left', command };
}

/** A firing that the run in flight delays or that was skipped for it. */
function whyHeldUp({ runs, missed }: ScheduleView): ScheduleWhy | undefined {
  const inFlight = runs.find(({ status }) => isInFlight(status));
  if (inFlight === undefined) return undefined;
  const held = missed.find(({ runId }) => runId === inFlight.id);
  if (held === undefined) return undefined;
  const { at, reason } = held;
  const verb = reason === 'waiting' ? 'waits' : 'was skipped';
  const message = `The firing of ${slotTime(at)} ${verb} because ${inFlight.id} is ${inFlight.status.replaceAll('_', ' ')}`;
  return { reason, message, command: `skillos why ${inFlight.id}` };
}

function whyLate(
  schedule: Schedule,
  { now, offsetAt, missed: [last] }: ScheduleView,
): ScheduleWhy | undefined {
  const [due] = dueFirings(schedule, now, offsetAt);
  if (due !== undefined) {
    const message = `The firing of ${slotTime(due)} is due, and no worker has run it`;
    return { reason: 'due', message, command: 'skillos schedule tick' };
  }
  const firedAt = schedule.fired.findLast(({ way }) => way === 'time')?.at ?? '';
  if (last?.reason !== 'missed' || slotTime(last.at) < firedAt) return undefined;
  const at = slotTime(last.at);
  const message = `The firing of ${at} was missed: no worker or engine was running`;
  return {
    reason: 'missed',
    message,
    command: `skillos schedule backfill ${schedule.id} --from ${at} --to ${at}`,
  };
}

function whyScheduled(schedule: Schedule, { now, offsetAt }: ScheduleView): ScheduleWhy {
  const [next] = nextOf(schedule, { from: now, count: 1 }, offsetAt);
  const message = next === undefined ? 'The run has started' : `The next firing is at ${slotTime(next)}`;
  return { reason: 'enabled', message, command: `skillos schedule show ${schedule.id}` };
}
