/** Reads payloads as Temporal's default converter does, but tolerates invalid JSON that a person has sent. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadConverter } from '@temporalio/common';

/**
 * The Web UI sends text as typed, also as `json/protobuf`. If reading it failed, Temporal would retry the
 * workflow task forever, so invalid JSON is read as undefined, and the handler decides. A payload that is not
 * JSON, such as an encrypted value without its key, remains an error: the task is retried until a worker can
 * read it.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: read as PayloadConverter['fromPayload'], // the caller names the type
};

function read(payload: Payload): unknown {
  if (!textOf(payload.metadata?.['encoding']).startsWith('json/')) {
    return defaultPayloadConverter.fromPayload(payload);
  }
  try {
    return JSON.parse(textOf(payload.data));
  } catch {
    return undefined; // invalid JSON; see above
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
