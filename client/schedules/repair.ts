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
import { applySchedule, derivationOf } from './derived-schedule.ts';
import type { DerivingPorts } from './ports.ts';

/** Maximum number of calls at the same time. */
const CONCURRENCY = 16;
/** Number of Schedules derived per turn of the event loop. */
const DERIVED_TOGETHER = 16;

/**
 * Creates, updates and deletes the Schedules that differ; resolves to their number. `onProgress` is called
 * for each. Schedules without a record are not changed: they may belong to another root.
 */
export async function repairSchedules(
  ports: DerivingPorts,
  temporal: Temporal,
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<number> {
  const schedules = await scheduleRecords(ports.records).list();
  if (schedules.length === 0) return 0;
  const digests = await digestsOnServer(temporal);
  const differing: Schedule[] = [];
  for (const [index, schedule] of schedules.entries()) {
    if (differs(ports, schedule, digests)) differing.push(schedule);
    if (index % DERIVED_TOGETHER === 0) await nextTurn(); // the worker beside this one has to answer meanwhile
  }
  const pending = differing.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const schedule of pending) {
      await applySchedule(ports, temporal, schedule);
      onProgress(++done, differing.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, differing.length) }, work));
  return differing.length;
}

function differs(ports: DerivingPorts, schedule: Schedule, digests: ReadonlyMap<string, string>): boolean {
  if (schedule.isRemoved === true) return true;
  const known = digests.get(qualifiedScheduleId(schedule.tenant, schedule.id));
  return known !== derivationOf(ports, schedule).digest;
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
