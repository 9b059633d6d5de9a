/** Reads a schedule with its last runs and its missed times, for `schedule show` and the API. */
import type { RunRecord } from '../../core/runs/run.ts';
import { missedFirings } from '../../core/schedules/due.ts';
import type { Missed } from '../../core/schedules/due.ts';
import { endedSchedule, nextOf } from '../../core/schedules/schedule.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { isInFlight } from '../../core/runs/run.ts';
import { flightsOf, lastRuns } from './fire.ts';
import { zoneOf } from './ports.ts';
import type { SchedulePorts } from './ports.ts';

export interface ShownSchedule {
  /** Includes the ends of runs whose worker was lost before it recorded them. */
  readonly schedule: Schedule;
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  readonly missed: readonly Missed[];
}

const LOOKED_AT = 100;
const SHOWN_RUNS = 10;
const SHOWN_MISSED = 10;

export async function showSchedule(ports: SchedulePorts, schedule: Schedule): Promise<ShownSchedule> {
  const runs = await lastRuns(ports, schedule, LOOKED_AT);
  const ended = runs.filter(({ status }) => !isInFlight(status));
  const now = ports.now();
  const view = { now, flights: flightsOf(runs), limit: SHOWN_MISSED };
  return {
    schedule: ended.reduce((known, { id, status }) => endedSchedule(known, id, status), schedule),
    runs: runs.slice(0, SHOWN_RUNS),
    missed: missedFirings(schedule, view, zoneOf(ports, schedule).offsetAt),
  };
}

export interface NextFiring {
  readonly schedule: Schedule;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Returns the first firing to come of the enabled schedules of all tenants; undefined if there is none. */
export async function nextFiring(
  ports: Pick<SchedulePorts, 'records' | 'now' | 'zones'>,
): Promise<NextFiring | undefined> {
  const from = ports.now();
  const schedules = await scheduleRecords(ports.records).list();
  const firings = schedules.flatMap((schedule) => {
    const [at] = schedule.enabled
      ? nextOf(schedule, { from, count: 1 }, zoneOf(ports, schedule).offsetAt)
      : [];
    return at === undefined ? [] : [{ schedule, at }];
  });
  return firings.sort((a, b) => a.at - b.at)[0];
}
