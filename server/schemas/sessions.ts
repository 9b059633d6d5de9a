/** Schemas of sessions. */
import * as z from 'zod';
import type { JsonObject } from '../../core/json.ts';
import { role, runId, schemaName, sessionId, time } from './parts.ts';

const MAX_CONTEXT_BYTES = 16 * 1024;

const context = z
  .record(z.string(), z.unknown())
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_CONTEXT_BYTES, {
    error: `expected at most ${MAX_CONTEXT_BYTES} bytes of JSON`,
  }) as unknown as z.ZodType<JsonObject>; // parsed from JSON

export const sessionRequest = z
  .strictObject({
    context: context
      .optional()
      .meta({ description: 'A JSON object that the skills of the session see; at most 16 KiB.' }),
    role,
  })
  .meta({ id: 'SessionRequest' });

export const newSession = z
  .object({ schema: schemaName('skillos.session-created/v1'), session_id: sessionId })
  .meta({ id: 'SessionCreated' });

const message = z.object({
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  at: time,
  run_id: runId,
});

export const session = z
  .object({
    schema: schemaName('skillos.session/v1'),
    session_id: sessionId,
    principal: z.string().meta({ description: 'The subject of its owner.' }),
    created_at: time,
    updated_at: time,
    context: z.record(z.string(), z.unknown()),
    messages: z.array(message).meta({ description: 'The last messages, oldest first.' }),
  })
  .meta({ id: 'Session' });
