/** Explains the state of a schedule from the records. Needs no Temporal. */
import type { Rights } from '../../core/rights/permission-policy.ts';
import { whyOfSchedule } from '../../core/schedules/why.ts';
import type { ScheduleWhy } from '../../core/schedules/why.ts';
import { zoneOf } from './ports.ts';
import type { SchedulePorts } from './ports.ts';
import { openSchedule } from './schedules.ts';
import { showSchedule } from './show.ts';

/** Rejects as `openSchedule` does. */
export async function whySchedule(
  ports: SchedulePorts,
  ask: { readonly id: string; readonly rights: Rights },
): Promise<ScheduleWhy> {
  const shown = await showSchedule(ports, await openSchedule(ports, ask.rights, ask.id));
  const { offsetAt } = zoneOf(ports, shown.schedule);
  return whyOfSchedule(shown.schedule, { ...shown, now: ports.now(), offsetAt });
}
