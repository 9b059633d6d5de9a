import * as z from 'zod';
import { schemaName } from './parts.ts';

const status = z.enum(['healthy', 'degraded', 'unhealthy']);

export const health = z
  .object({
    schema: schemaName('skillos.health/v1'),
    status,
    components: z.record(z.string(), z.object({ status, details: z.string(), latency_ms: z.number() })),
  })
  .meta({ id: 'Health' });

export const live = z
  .object({ schema: schemaName('skillos.live/v1'), status: z.literal('live') })
  .meta({ id: 'Live' });

export const ready = z
  .object({
    schema: schemaName('skillos.ready/v1'),
    status: z.enum(['ready', 'not_ready']),
    components: z.record(z.string(), status),
  })
  .meta({ id: 'Ready' });
