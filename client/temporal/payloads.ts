/** Decodes values that Temporal stores of a run, through the codec that encrypts them. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { SkillosError } from '../../core/errors/errors.ts';

type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** Decodes the first payload. Rejects with `payload_unreadable` if it is encrypted and no key is set. */
export async function decode<T>(client: Client, payloads: Payloads): Promise<T> {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let encoded: temporal.api.common.v1.IPayload[] = payloads?.payloads ?? [];
  for (const codec of payloadCodecs) encoded = await codec.decode(encoded);
  const [payload = {}] = encoded;
  if (Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === 'binary/encrypted') {
    throw new SkillosError('payload_unreadable', 'Temporal stores this run encrypted, and no key is set', {
      hint: 'Set SKILLOS_PAYLOAD_KEY to the key that the run was started with',
    });
  }
  return payloadConverter.fromPayload<T>(payload);
}
