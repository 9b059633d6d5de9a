/** Schemas of triggers and deliveries. */
import * as z from 'zod';
import { json, role, runId, schemaName, time } from './parts.ts';

export const webhookReply = z
  .object({
    schema: schemaName('skillos.webhook/v1'),
    status: z.enum(['enqueued', 'skipped']).meta({
      description: '`skipped` repeats an earlier delivery, whose job it names.',
    }),
    job_id: runId,
    delivery_id: z.string(),
  })
  .meta({ id: 'Webhook' });

export const triggerList = z
  .object({
    schema: schemaName('skillos.triggers/v1'),
    items: z.array(
      z.object({
        id: z.string(),
        skill: z.string(),
        scheme: z.string(),
        url: z
          .string()
          .meta({ description: 'Address for deliveries; a path unless the server has SKILLOS_PUBLIC_URL.' }),
        secret: z.enum(['set', 'missing', 'invalid', 'unsigned']),
      }),
    ),
    problems: z.array(z.object({ entry: z.string(), message: z.string() })),
  })
  .meta({ id: 'TriggerList' });

const deliveryId = z.string().meta({
  description: 'Id of a delivery, a ULID.',
  examples: ['01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
});

const deliveryFields = {
  id: deliveryId,
  trigger: z.string(),
  skill: z.string(),
  at: time,
  status: z.enum(['enqueued', 'skipped', 'challenged', 'rejected', 'failed']),
  reason: z.string().optional().meta({ description: 'Error code of one that enqueued nothing.' }),
  job_id: runId.optional(),
  replay_of: deliveryId.optional(),
  bytes: z.int(),
};

export const delivery = z
  .object({
    schema: schemaName('skillos.delivery/v1'),
    ...deliveryFields,
    kept_until: time,
    body: json,
  })
  .meta({ id: 'Delivery' });

export const deliveryPage = z
  .object({
    schema: schemaName('skillos.deliveries/v1'),
    items: z.array(z.object(deliveryFields)),
    next: deliveryId.optional(),
  })
  .meta({ id: 'DeliveryPage' });

export const deliveryQuery = z.strictObject({
  trigger: z.string().max(100).optional().meta({ description: 'Only deliveries of this trigger.' }),
  limit: z.int().min(1).max(1000).default(20),
  after: deliveryId
    .optional()
    .meta({ description: 'Continue after this delivery: `next` of the previous page.' }),
});

export const replayRequest = z.strictObject({ role }).meta({ id: 'ReplayRequest' });
