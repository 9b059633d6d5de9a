/** Creates, updates and deletes Temporal's Schedule of a record. */
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { CalendarSpec, ScheduleOptions, ScheduleSpec } from '@temporalio/client';
import { derive } from '../../core/schedules/derivation.ts';
import type { Derivation, DerivedTimes } from '../../core/schedules/derivation.ts';
import type { Overlap } from '../../core/schedules/overlap.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import type { UtcCalendar } from '../../core/schedules/utc-calendars.ts';
import { qualifiedScheduleId } from '../../core/values/schedule-id.ts';
import { RUN_WORKFLOW } from '../../workflows/messages.ts';
import { searchAttributesOf } from '../submit/start-workflow.ts';
import { asStartError } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { zoneOf } from './ports.ts';
import type { DerivingPorts } from './ports.ts';

const OVERLAPS: Readonly<Record<Overlap, ScheduleOverlapPolicy>> = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer-one': ScheduleOverlapPolicy.BUFFER_ONE,
  'buffer-all': ScheduleOverlapPolicy.BUFFER_ALL,
  'cancel-other': ScheduleOverlapPolicy.CANCEL_OTHER,
  allow: ScheduleOverlapPolicy.ALLOW_ALL,
};

const MONTHS = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const;

/** Updates the server's Schedule from the record. Deletes the record too if it is marked for removal. */
export async function applySchedule(
  ports: DerivingPorts,
  temporal: Temporal,
  schedule: Schedule,
): Promise<void> {
  try {
    if (schedule.isRemoved === true) await deleteSchedule(ports, temporal, schedule);
    else await writeSchedule(temporal, optionsOf(temporal, schedule, derivationOf(ports, schedule)));
  } catch (error) {
    throw await asStartError(temporal, error);
  }
}

export function derivationOf(ports: DerivingPorts, schedule: Schedule): Derivation {
  return derive(schedule, ports.now(), zoneOf(ports, schedule).offsetAt);
}

async function writeSchedule({ client }: Temporal, options: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { scheduleId, spec, action, policies = {}, state = {} } = options;
    await client.schedule.getHandle(scheduleId).update(() => ({ spec, action, policies, state }));
  }
}

async function deleteSchedule(ports: DerivingPorts, { client }: Temporal, schedule: Schedule): Promise<void> {
  try {
    await client.schedule.getHandle(qualifiedScheduleId(schedule.tenant, schedule.id)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  await scheduleRecords(ports.records).update(schedule, (current) =>
    current?.isRemoved === true ? undefined : current,
  );
}

function optionsOf({ target }: Temporal, schedule: Schedule, derivation: Derivation): ScheduleOptions {
  const { overlap, catchupSeconds, pauseOnFailure, isPaused, remaining, note } = derivation;
  const scheduleId = qualifiedScheduleId(schedule.tenant, schedule.id);
  return {
    scheduleId,
    spec: specOf(derivation),
    action: {
      type: 'startWorkflow',
      workflowType: RUN_WORKFLOW,
      workflowId: scheduleId, // Temporal appends the time
      taskQueue: target.taskQueue,
      args: [schedule.request],
      typedSearchAttributes: searchAttributesOf(schedule.request, schedule.skill),
      staticSummary: schedule.skill,
    },
    policies: { overlap: OVERLAPS[overlap], catchupWindow: catchupSeconds * 1000, pauseOnFailure },
    state: {
      paused: isPaused,
      note,
      ...(remaining === undefined || remaining === 0 ? {} : { remainingActions: remaining }),
    },
  };
}

function specOf({ times, startAt, endAt, jitterSeconds }: Derivation): ScheduleSpec {
  return {
    ...timesOf(times),
    timezone: 'UTC',
    ...(startAt === undefined ? {} : { startAt: new Date(startAt) }),
    ...(endAt === undefined ? {} : { endAt: new Date(endAt) }),
    ...(jitterSeconds === 0 ? {} : { jitter: jitterSeconds * 1000 }),
  };
}

function timesOf(times: DerivedTimes): ScheduleSpec {
  switch (times.kind) {
    case 'every':
      return { intervals: [{ every: times.seconds * 1000 }] };
    case 'at':
      return { calendars: [calendarAt(new Date(times.at))] };
    case 'calendars':
      return { calendars: times.calendars.map(calendarOf) };
  }
}

function calendarAt(at: Date): CalendarSpec {
  return {
    year: at.getUTCFullYear(),
    month: MONTHS[at.getUTCMonth()] as (typeof MONTHS)[number],
    dayOfMonth: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
  };
}

function calendarOf({ year, month, dayOfMonth, hour, minute }: UtcCalendar): CalendarSpec {
  const named = (value: number) => MONTHS[value - 1] as (typeof MONTHS)[number];
  return {
    year: [...year],
    month: month.map(({ start, end }) => ({ start: named(start), end: named(end) })),
    dayOfMonth: [...dayOfMonth],
    hour: [...hour],
    minute: [...minute],
    second: 0,
  };
}
