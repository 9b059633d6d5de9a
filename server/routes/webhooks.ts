import { listDeliveries, replayDelivery, showDelivery } from '../../client/webhooks/deliveries.ts';
import { handleDelivery } from '../../client/webhooks/handle-delivery.ts';
import type { DeliveryOutcome } from '../../client/webhooks/handle-delivery.ts';
import { listTriggers } from '../../client/webhooks/list-triggers.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import { deliveryDocument, deliveryItem } from '../../core/webhooks/delivery-record.ts';
import { triggersDocument, webhookDocument } from '../../core/webhooks/webhook-document.ts';
import { apiActor } from '../execute.ts';
import { JSON_TYPE, endpoint } from '../http/endpoint.ts';
import type { Endpoint, Reply } from '../http/endpoint.ts';
import { problem } from '../schemas/parts.ts';
import {
  delivery,
  deliveryPage,
  deliveryQuery,
  replayRequest,
  triggerList,
  webhookReply,
} from '../schemas/webhooks.ts';
import { webhookPorts } from '../webhooks.ts';

const receive = endpoint({
  method: 'POST',
  path: '/webhooks/:trigger',
  id: 'receiveWebhook',
  tag: 'Webhooks',
  summary: 'Receive a signed delivery and enqueue its job',
  access: 'open',
  takesRawBody: true,
  headers: {
    'X-SkillOS-Signature': '`t=<seconds>,v1=<hex>`; other schemes have headers of their own.',
    'Idempotency-Key': 'Replaces the key that the delivery holds.',
  },
  replies: {
    200: { description: 'A repetition; or Slack’s challenge, sent back.', schema: webhookReply },
    202: { description: 'The job is enqueued.', schema: webhookReply },
    401: { description: 'The delivery is not accepted; the logs say why.', schema: problem },
    413: { description: 'The body or an attachment is too large.', schema: problem },
    422: { description: 'An attachment or the payload is not accepted.', schema: problem },
    429: { description: 'Over the rate limit of the trigger.', schema: problem },
    503: { description: 'A service that the server needs is unavailable; send it again.', schema: problem },
  },
  handle: async (call) => {
    const { params, header, rawBody, runTag, services } = call;
    const body = await rawBody(services.config.webhookMaxBodyBytes);
    return replyOf(
      await handleDelivery(webhookPorts(call), {
        triggerId: params['trigger'] ?? '',
        body,
        header,
        key: header('Idempotency-Key'),
        deliveryId: runTag,
        way: 'api',
      }),
    );
  },
});

function replyOf(outcome: DeliveryOutcome): Reply {
  switch (outcome.kind) {
    case 'enqueued':
      return {
        status: 202,
        json: webhookDocument('enqueued', outcome),
        headers: { Location: `/runs/${outcome.jobId}` },
      };
    case 'skipped':
      return { json: webhookDocument('skipped', outcome) };
    case 'challenged':
      return { content: { type: JSON_TYPE, body: JSON.stringify({ challenge: outcome.challenge }) } };
    case 'rejected':
      throw outcome.error;
  }
}

const getTriggers = endpoint({
  method: 'GET',
  path: '/webhooks',
  id: 'listTriggers',
  tag: 'Webhooks',
  summary: 'List the triggers of webhooks, and if their secrets are there',
  access: 'caller',
  replies: { 200: { description: 'The triggers, and the entries that are not valid.', schema: triggerList } },
  handle: async ({ services: { webhooks, config }, rights }) => {
    demand(mayOperate(await rights(), 'runs:read'));
    const states = await listTriggers({ ...webhooks, settings: config });
    return { json: triggersDocument(states, config.publicUrl) };
  },
});

const getDeliveries = endpoint({
  method: 'GET',
  path: '/webhooks/deliveries',
  id: 'listDeliveries',
  tag: 'Webhooks',
  summary: 'List deliveries whose signature was right, newest first',
  access: 'caller',
  query: deliveryQuery,
  replies: { 200: { description: 'A page of deliveries.', schema: deliveryPage } },
  handle: async ({ query, services: { ports }, rights }) => {
    const { items, ...next } = await listDeliveries(ports, await rights(), query);
    return { json: { schema: 'skillos.deliveries/v1', items: items.map(deliveryItem), ...next } };
  },
});

const getDelivery = endpoint({
  method: 'GET',
  path: '/webhooks/deliveries/:delivery',
  id: 'getDelivery',
  tag: 'Webhooks',
  summary: 'Show a delivery with its body',
  access: 'caller',
  replies: { 200: { description: 'The delivery; its headers are not kept.', schema: delivery } },
  handle: async ({ params, services: { ports }, rights }) => {
    const { record, body } = await showDelivery(ports, await rights(), params['delivery'] ?? '');
    return { json: deliveryDocument(record, body) };
  },
});

const replay = endpoint({
  method: 'POST',
  path: '/webhooks/deliveries/:delivery/replay',
  id: 'replayDelivery',
  tag: 'Webhooks',
  summary: 'Enqueue the job of a delivery again, by the trigger as it is now',
  access: 'caller',
  body: replayRequest,
  replies: { 202: { description: 'The new job is enqueued.', schema: webhookReply } },
  handle: async (call) => {
    const actor = await apiActor(call, call.body.role);
    const replayed = await replayDelivery(webhookPorts(call), actor, call.params['delivery'] ?? '');
    return {
      status: 202,
      json: webhookDocument('enqueued', replayed),
      headers: { Location: `/jobs/${replayed.jobId}` },
    };
  },
});

export const WEBHOOKS: readonly Endpoint[] = [getTriggers, getDeliveries, getDelivery, replay, receive];
