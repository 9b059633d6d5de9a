/** Reads a delivery: its payload for the skill, its idempotency key, and Slack's `url_verification`. */
import type { AttachmentRef } from '../attachments/attachment.ts';
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { valueAt } from '../values/json-pointer.ts';
import { parseStrictJson } from '../values/strict-json.ts';
import type { HeaderOf, SchemeName } from './scheme.ts';
import type { Trigger } from './trigger.ts';

export interface Delivery {
  /** The raw body as text. */
  readonly text: string;
  readonly body: JsonObject;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws `body_invalid` unless the bytes are one JSON object. */
export function parseDelivery(bytes: Uint8Array): Delivery {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new SkillosError('body_invalid', 'The body is not UTF-8');
  }
  const body = parseStrictJson(text);
  if (!isObject(body)) throw new SkillosError('body_invalid', 'Expected the body to be a JSON object');
  return { text, body };
}

/** Returns Slack's challenge, which has to be sent back; undefined for any other delivery. */
export function challengeOf(scheme: SchemeName, { body }: Delivery): string | undefined {
  const { type, challenge } = body;
  const isAsked = scheme === 'slack' && type === 'url_verification' && typeof challenge === 'string';
  return isAsked ? challenge : undefined;
}

/** Throws `payload_missing` if the pointer of the trigger finds nothing. */
export function payloadOf(
  { payload: pointer }: Trigger,
  { text, body }: Delivery,
  attachments: readonly AttachmentRef[],
): JsonValue {
  const own = pointer === undefined ? body['payload'] : found(body, pointer);
  if (attachments.length > 0) {
    return JSON.stringify({ payload: own === undefined ? restOf(body) : own, attachments });
  }
  if (own === undefined) return text;
  return typeof own === 'string' ? own : JSON.stringify(own);
}

function found(body: JsonObject, pointer: string): JsonValue {
  const value = valueAt(body, pointer);
  if (value !== undefined) return value;
  throw new SkillosError(
    'payload_missing',
    `Expected the body to have a value at ${JSON.stringify(pointer)}`,
  );
}

function restOf({ attachments: _attachments, idempotency_key: _key, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** The key that the caller gave, else that of the trigger, else `idempotency_key`, else the id of the scheme. */
export function keyOf(
  { scheme, idempotency }: Trigger,
  { body }: Delivery,
  { header, given }: { readonly header: HeaderOf; readonly given?: string | undefined },
): string | undefined {
  if (given !== undefined) return given;
  const named =
    idempotency?.kind === 'header'
      ? header(idempotency.name)
      : idempotency && scalarText(valueAt(body, idempotency.pointer));
  return named ?? scalarText(body['idempotency_key']) ?? schemeKey(scheme, body, header);
}

function schemeKey(scheme: SchemeName, body: JsonObject, header: HeaderOf): string | undefined {
  switch (scheme) {
    case 'standard':
      return header('webhook-id');
    case 'github':
      return header('X-GitHub-Delivery');
    case 'stripe':
      return scalarText(body['id']);
    case 'slack':
      return scalarText(body['event_id']);
    case 'skillos':
      return undefined;
  }
}

function scalarText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
