/** The ports of the use cases of schedules, in addition to those of all use cases. */
import type { Zone, Zones } from '../../core/schedules/zone.ts';
import { parseZone } from '../../core/schedules/schedule-request.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import type { ClientPorts } from '../ports.ts';

export interface SchedulePorts extends ClientPorts {
  readonly zones: Zones;
}

/** The ports for deriving Temporal's Schedules from the records; a worker has only these. */
export type DerivingPorts = Pick<SchedulePorts, 'records' | 'now' | 'zones'>;

export function zoneOf({ zones }: Pick<SchedulePorts, 'zones'>, { zone }: Pick<Schedule, 'zone'>): Zone {
  return parseZone(zone, zones);
}
