/** What a skill process says, checked: skill code holds the socket too and may write anything to it. */
import * as z from 'zod';
import { isErrorCode } from '../../core/error-codes.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Frame, FromChild } from './protocol.ts';

// Anything that JSON.parse gave is JSON.
const jsonValue = z.unknown().transform((value = null) => value as JsonValue);
const jsonObject = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);
const failure = z.object({
  code: z.string().refine(isErrorCode),
  message: z.string(),
  details: jsonObject.optional(),
  stack: z.string().optional(),
});
const fromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('log'), message: z.string(), fields: jsonObject.optional() }),
  z.object({ type: z.literal('heartbeat'), progress: jsonValue }),
  z.object({ type: z.literal('spoilt') }),
  z.object({ type: z.literal('refused') }),
  z.object({ type: z.literal('failed'), failure }),
]);

export type Reply = FromChild | { readonly type: 'result'; readonly text: string };

/** Throws where it is none. */
export function parseReply({ kind, text }: Frame): Reply {
  if (kind === 'result') return { type: 'result', text };
  return fromChild.parse(JSON.parse(text)) as FromChild; // the schema's optionals are `T | undefined`
}
