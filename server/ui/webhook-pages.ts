/** Handlers of the list of deliveries, of a delivery's page, and of its form. */
import { listDeliveries, replayDelivery, showDelivery } from '../../client/webhooks/deliveries.ts';
import { mayOperate } from '../../core/rights/operations.ts';
import { webhookPorts } from '../webhooks.ts';
import { runPath } from './page.ts';
import { actorOf, formOf, rightsOf, sourceOf } from './page-request.ts';
import type { PageRequest } from './page-request.ts';
import { redirect } from './reply.ts';
import type { PageReply } from './reply.ts';
import { deliveriesPage, deliveryPage } from './webhook-views.ts';

const SHOWN = 50;

/** Rejects as `listDeliveries` does. */
export async function showDeliveries(request: PageRequest): Promise<PageReply> {
  const { ctx, services } = request;
  const named = (name: string) => (ctx.query[name] ? String(ctx.query[name]) : undefined);
  const [trigger, after] = [named('trigger'), named('after')];
  const { items, next } = await listDeliveries(services.ports, await rightsOf(request), {
    limit: SHOWN,
    trigger,
    after,
  });
  return {
    status: 200,
    page: deliveriesPage({ deliveries: items, next, trigger, now: services.ports.now() }),
  };
}

/** Rejects as `showDelivery` does. */
export async function showOneDelivery(request: PageRequest, id: string): Promise<PageReply> {
  const { frame, services } = request;
  const rights = await rightsOf(request);
  const shown = await showDelivery(services.ports, rights, id);
  const mayReplay = mayOperate(rights, 'jobs:write').isAllowed;
  const now = services.ports.now();
  return { status: 200, page: deliveryPage({ ...shown, now, ...(mayReplay ? { frame } : {}) }) };
}

/** Redirects to the new job. Rejects as `replayDelivery` does. */
export async function takeReplay(request: PageRequest, id: string): Promise<PageReply> {
  await formOf(request, []);
  const ports = webhookPorts(sourceOf(request));
  const { jobId } = await replayDelivery(ports, await actorOf(request), id);
  return redirect(runPath(jobId));
}
