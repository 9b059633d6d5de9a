/** Schemas of fields that several requests and replies share. */
import * as z from 'zod';
import { SESSION_ID, SESSION_ID_RULE } from '../../core/sessions/session.ts';
import type { JsonValue } from '../../core/json.ts';

export const json = z.unknown().meta({ description: 'Any JSON value.' }) as unknown as z.ZodType<JsonValue>;

export const role = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .meta({ description: 'Role to act in; with a token, one that the token holds.' });

export const skillId = z
  .string()
  .min(1)
  .max(200)
  .meta({
    description: 'Id of a skill: `domain/name` or `domain.name`.',
    examples: ['travel/search_flights'],
  });

export const runId = z.string().meta({
  description: 'Id of a run; also its workflow id on Temporal.',
  examples: ['travel.search_flights-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
});

export const sessionId = z
  .string()
  .regex(SESSION_ID, `expected ${SESSION_ID_RULE}`)
  .meta({
    description: 'Id of a session.',
    examples: ['trip-1'],
  });

export const time = z
  .string()
  .meta({ description: 'ISO 8601, UTC.', examples: ['2026-01-18T05:00:00.000Z'] });

export const waitSeconds = z.number().min(0).max(60).default(10).meta({
  description: 'Time to wait for the end of the run; after it the reply is 202 and the run continues.',
});

export const schemaName = <Name extends string>(name: Name) => z.literal(name);

/** A problem document, RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable error code; `skillos explain <code>` explains it.' }),
    hint: z.string().optional(),
    details: z.record(z.string(), z.unknown()).optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });
