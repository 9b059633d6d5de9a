/** Parses messages of a skill process strictly, because skill code can also write to the socket. */
import * as z from 'zod';
import { MAX_CALL_BYTES } from '../../core/connectors/connector.ts';
import { isErrorCode } from '../../core/errors/error-codes.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Frame, FromChild } from './protocol.ts';

/** Of a message that is no call of a connector. */
const MAX_OTHER_CHARS = 1024 * 1024;

// JSON.parse returns only JSON values.
const jsonValue = z.unknown().transform((value = null) => value as JsonValue);
const jsonObject = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);
const failure = z.object({
  // That a step needs approval is for the worker alone to say.
  code: z
    .string()
    .refine(isErrorCode)
    .refine((code) => code !== 'approval_required'),
  message: z.string(),
  details: jsonObject.optional(),
  stack: z.string().optional(),
});
const fromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('log'), message: z.string(), fields: jsonObject.optional() }),
  z.object({ type: z.literal('heartbeat'), progress: jsonValue }),
  z.object({
    type: z.literal('connector_call'),
    id: z.int().positive(),
    connector: z.string().max(4096),
    operation: z.string().max(64),
    args: jsonObject,
  }),
  z.object({ type: z.literal('connector_cancel'), id: z.int().positive() }),
  z.object({ type: z.literal('unusable') }),
  z.object({ type: z.literal('refused') }),
  z.object({ type: z.literal('failed'), failure }),
]);

export type Reply = FromChild | { readonly type: 'result'; readonly text: string };

/** Throws if the frame holds no valid message. */
export function parseReply({ kind, text }: Frame): Reply {
  if (kind === 'result') return { type: 'result', text };
  if (text.length > MAX_CALL_BYTES) throw new TypeError('Not a message');
  const reply = fromChild.parse(JSON.parse(text)) as FromChild; // the schema's optionals are `T | undefined`
  if (reply.type !== 'connector_call' && text.length > MAX_OTHER_CHARS) throw new TypeError('Not a message');
  return reply;
}
