/**
 * Aligns Temporal's Schedules with the records: after the loss of a server, a restored store, or the turn of
 * a year.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { digestIn } from '../../core/schedules/derivation.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import { qualifiedScheduleId } from '../../core/values/schedule-id.ts';
import { asClientError } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { applyDerivation, applySchedule, derivationOf } from './derived-schedule.ts';
import type { DerivingPorts } from './ports.ts';

/** Maximum number of calls at the same time. */
export const CONCURRENCY = 16;
/** Number of Schedules derived per turn of the event loop. */
const DERIVED_TOGETHER = 16;

/**
 * Creates, updates and deletes the Schedules that differ; resolves to their number. `onProgress` is called for each with how
 * many that are so far, and the number of all records. Schedules without a record are not changed: they may belong to another
 * root.
 */
export async function repairSchedules(
  ports: DerivingPorts,
  temporal: Temporal,
  onProgress: (repaired: number, all: number) => void = () => undefined,
): Promise<number> {
  const schedules = await scheduleRecords(ports.records).list();
  if (schedules.length === 0) return 0;
  const digests = await digestsOnServer(temporal);
  const pending = schedules.values();
  let repaired = 0;
  let derived = 0;
  const work = async (): Promise<void> => {
    for (const schedule of pending) {
      if (++derived % DERIVED_TOGETHER === 0) await nextTurn(); // the worker beside this one has to answer meanwhile
      if (await repairOne(ports, temporal, { schedule, digests })) onProgress(++repaired, schedules.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, schedules.length) }, work));
  return repaired;
}

interface Known {
  readonly schedule: Schedule;
  /** Of the Schedules on the server, by id. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Resolves to false if the Schedule is as it should be. */
async function repairOne(
  ports: DerivingPorts,
  temporal: Temporal,
  { schedule, digests }: Known,
): Promise<boolean> {
  if (schedule.isRemoved === true) {
    await applySchedule(ports, temporal, schedule);
    return true;
  }
  const derivation = derivationOf(ports, schedule);
  if (digests.get(qualifiedScheduleId(schedule.tenant, schedule.id)) === derivation.digest) return false;
  await applyDerivation(temporal, schedule, derivation);
  return true;
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
