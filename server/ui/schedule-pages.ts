/** Handlers of the list of schedules and of a schedule's page. */
import { zoneOf } from '../../client/schedules/ports.ts';
import { listSchedules, openSchedule } from '../../client/schedules/schedules.ts';
import { showSchedule } from '../../client/schedules/show.ts';
import { rightsOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';
import type { PageReply } from './reply.ts';
import { schedulePage, schedulesPage } from './schedule-views.ts';

const SHOWN = 100;

export async function showSchedules(request: PageRequest): Promise<PageReply> {
  const { ctx, services } = request;
  const { schedulePorts: ports } = services;
  const after = String(ctx.query['after'] ?? '');
  const all = await listSchedules(ports, await rightsOf(request));
  const left = all.filter(({ id }) => id > after).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const schedules = left.slice(0, SHOWN);
  const next = left.length > SHOWN ? schedules.at(-1)?.id : undefined;
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
