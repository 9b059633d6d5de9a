/** Handlers of the list of schedules and of a schedule's page. */
import { zoneOf } from '../../client/schedules/ports.ts';
import { listSchedules, openSchedule } from '../../client/schedules/schedules.ts';
import { showSchedule } from '../../client/schedules/show.ts';
import { isScheduleId } from '../../core/values/schedule-id.ts';
import { rightsOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';
import type { PageReply } from './reply.ts';
import { schedulePage, schedulesPage } from './schedule-views.ts';

const SHOWN = 100;

export async function showSchedules(request: PageRequest): Promise<PageReply> {
  const { ctx, services } = request;
  const { schedulePorts: ports } = services;
  const after = String(ctx.query['after'] ?? '');
  const range = { limit: SHOWN, after: isScheduleId(after) ? after : undefined };
  const { items: schedules, next } = await listSchedules(ports, await rightsOf(request), range);
  const offsetAtOf = (schedule: { readonly zone: string }) => zoneOf(ports, schedule).offsetAt;
  return { status: 200, page: schedulesPage({ schedules, next, now: ports.now(), offsetAtOf }) };
}

/** Rejects as `openSchedule` does. */
export async function showOneSchedule(request: PageRequest, id: string): Promise<PageReply> {
  const { schedulePorts: ports } = request.services;
  const shown = await showSchedule(ports, await openSchedule(ports, await rightsOf(request), id));
  const { offsetAt } = zoneOf(ports, shown.schedule);
  return { status: 200, page: schedulePage(shown, { now: ports.now(), offsetAt }) };
}
