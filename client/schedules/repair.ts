/**
 * Aligns Temporal's Schedules with the records: after the loss of a server, a restored store, or the turn of
 * a year.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { derivationDigest, digestIn } from '../../core/schedules/derivation.ts';
import { nextOf } from '../../core/schedules/schedule.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { qualifiedScheduleId } from '../../core/values/schedule-id.ts';
import { asClientError } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { applySchedule } from './derived-schedule.ts';
import { zoneOf } from './ports.ts';
import type { DerivingPorts } from './ports.ts';

/** Maximum number of calls at the same time. */
export const CONCURRENCY = 16;
/** Number of Schedules compared per turn of the event loop. */
const COMPARED_TOGETHER = 64;

/**
 * Creates, updates and deletes the Schedules that differ, those that fire next first; resolves to their number. `onProgress` is
 * called for each with how many that are so far, and the number of all records. Schedules without a record are not changed: they
 * may belong to another root.
 */
export async function repairSchedules(
  ports: DerivingPorts,
  temporal: Temporal,
  onProgress: (repaired: number, all: number) => void = () => undefined,
): Promise<number> {
  const schedules = await scheduleRecords(ports.records).list();
  if (schedules.length === 0) return 0;
  const differing = await differingSchedules(ports, schedules, await digestsOnServer(temporal));
  const pending = differing.values();
  let repaired = 0;
  const work = async (): Promise<void> => {
    for (const { schedule } of pending) {
      await applySchedule(ports, temporal, schedule);
      onProgress(++repaired, schedules.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, differing.length) }, work));
  return repaired;
}

interface Differing {
  readonly schedule: Schedule;
  /** The first firing that may be missed, in Unix milliseconds; infinite without one. */
  readonly next: number;
}

/** By their next firing. `digests` are those of the Schedules on the server, by id. */
async function differingSchedules(
  ports: DerivingPorts,
  schedules: readonly Schedule[],
  digests: ReadonlyMap<string, string>,
): Promise<readonly Differing[]> {
  const differing: Differing[] = [];
  for (const [index, schedule] of schedules.entries()) {
    if (index % COMPARED_TOGETHER === 0) await nextTurn(); // the worker beside this one has to answer meanwhile
    const next = schedule.isRemoved === true ? Infinity : nextToRepair(ports, schedule, digests);
    if (next !== undefined) differing.push({ schedule, next });
  }
  return differing.sort((a, b) => (a.next === b.next ? 0 : a.next - b.next));
}

/**
 * The next firing of a Schedule that differs, infinite without one; undefined if the Schedule is as it should be. Firings within
 * the catch-up time count: Temporal runs them as soon as it has the Schedule.
 */
function nextToRepair(
  ports: DerivingPorts,
  schedule: Schedule,
  digests: ReadonlyMap<string, string>,
): number | undefined {
  const { offsetAt } = zoneOf(ports, schedule);
  const now = ports.now();
  const known = digests.get(qualifiedScheduleId(schedule.tenant, schedule.id));
  if (known === derivationDigest(schedule, now, offsetAt)) return undefined;
  if (!schedule.enabled) return Infinity;
  const from = now - schedule.catchupSeconds * 1000;
  const [next = Infinity] = nextOf(schedule, { from, count: 1 }, offsetAt);
  return next;
}

/** Reads the server's list, which lags behind: a Schedule that it does not show yet is updated once too often. */
async function digestsOnServer({ client }: Temporal): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  try {
    for await (const { scheduleId, state } of client.schedule.list()) {
      const digest = digestIn(state.note);
      if (digest !== undefined) digests.set(scheduleId, digest);
    }
  } catch (error) {
    throw asClientError(error);
  }
  return digests;
}
