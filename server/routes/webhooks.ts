import { handleDelivery } from '../../client/webhooks/handle-delivery.ts';
import type { DeliveryOutcome } from '../../client/webhooks/handle-delivery.ts';
import { webhookDocument } from '../../core/webhooks/webhook-document.ts';
import { JSON_TYPE, endpoint } from '../http/endpoint.ts';
import type { Endpoint, Reply } from '../http/endpoint.ts';
import { problem } from '../schemas/parts.ts';
import { webhookReply } from '../schemas/webhooks.ts';
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

export const WEBHOOKS: readonly Endpoint[] = [receive];
