/** How the workflow reads what is sent to it: as Temporal does, but for texts that somebody has sent by hand. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadConverter } from '@temporalio/common';

/**
 * The Web UI also offers `json/protobuf`, and sends what a person types. Where that cannot be read, Temporal would try the
 * same task again for ever; here it is no value, and the handler says what it makes of that. Anything that is not JSON,
 * such as an encrypted value without its key, stays an error: it waits for a worker that can read it.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: read as PayloadConverter['fromPayload'], // what it is, its reader says
};

function read(payload: Payload): unknown {
  if (!textOf(payload.metadata?.['encoding']).startsWith('json/')) {
    return defaultPayloadConverter.fromPayload(payload);
  }
  try {
    return JSON.parse(textOf(payload.data));
  } catch {
    return undefined; // not JSON after all
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
