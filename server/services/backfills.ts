/** Backfills that were requested over HTTP: they run in this process after the reply. */
import { intlZones } from '../../adapters/machine/zones.ts';
import type { ClientPorts } from '../../client/ports.ts';
import { backfill } from '../../client/schedules/backfill.ts';
import type { SchedulePorts } from '../../client/schedules/ports.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { qualifiedScheduleId } from '../../core/values/schedule-id.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { TemporalLink } from './temporal-link.ts';

interface Backfills {
  /**
   * Starts to run the times one after another. Rejects with `backfill_running` if a backfill of the schedule is running here,
   * and with `engine_unreachable`. A server that stops starts no further run.
   */
  start(schedule: Schedule, times: readonly number[], onFault: (error: unknown) => void): Promise<void>;
}

export interface ScheduleServices {
  readonly schedulePorts: SchedulePorts;
  readonly backfills: Backfills;
}

export function openScheduleServices(
  ports: ClientPorts,
  temporal: TemporalLink,
  lifecycle: Lifecycle,
): ScheduleServices {
  const schedulePorts = { ...ports, zones: intlZones };
  return { schedulePorts, backfills: openBackfills(schedulePorts, temporal, lifecycle) };
}

function openBackfills(
  ports: SchedulePorts,
  temporal: TemporalLink,
  { stopping }: Pick<Lifecycle, 'stopping'>,
): Backfills {
  const running = new Set<string>();
  return {
    async start(schedule, times, onFault) {
      const id = qualifiedScheduleId(schedule.tenant, schedule.id);
      if (running.has(id)) {
        throw new SkillosError('backfill_running', `A backfill of schedule "${schedule.id}" is running`);
      }
      running.add(id);
      const plan = { schedule, times, signal: stopping, onRun: () => undefined };
      try {
        await temporal.use(async () => undefined); // connects, so that the caller learns if it cannot
      } catch (error) {
        running.delete(id);
        throw error;
      }
      void temporal
        .hold((connected) => backfill(ports, connected, plan))
        .catch(onFault)
        .finally(() => running.delete(id));
    },
  };
}
