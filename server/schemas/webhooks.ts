/** Answers to deliveries. */
import * as z from 'zod';
import { runId, schemaName } from './parts.ts';

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
