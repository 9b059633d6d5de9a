/** Encrypts what Temporal stores of runs: inputs, outputs, summaries; not the messages of failures. AES-256-GCM, one random IV a payload. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { SkillosError } from '../core/errors.ts';

/** Temporal's payload, as far as a codec sees it. */
interface Payload {
  metadata?: { [name: string]: Uint8Array } | null;
  data?: Uint8Array | null;
}

interface PayloadCodec {
  encode(payloads: readonly Payload[]): Promise<Payload[]>;
  decode(payloads: readonly Payload[]): Promise<Payload[]>;
}

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * `secret` is hashed to the key. A payload that was stored before encryption was turned on is read as it is; one of
 * another key is refused, never taken for data.
 */
export function createPayloadCodec(secret: string): PayloadCodec {
  const key = createHash('sha256').update(secret).digest();
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, key, keyId)),
    decode: async (payloads) =>
      payloads.map((payload) =>
        textOf(payload, 'encoding') === ENCODING ? decrypt(payload, key, keyId) : payload,
      ),
  };
}

/** What client and worker take to encrypt, where there is a key. */
export function dataConverterOf(secret: string | undefined): { readonly payloadCodecs?: PayloadCodec[] } {
  return secret === undefined ? {} : { payloadCodecs: [createPayloadCodec(secret)] };
}

function encrypt(payload: Payload, key: Uint8Array, keyId: string): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  const sealed = Buffer.concat([cipher.update(pack(payload)), cipher.final()]);
  return {
    metadata: { encoding: Buffer.from(ENCODING), 'encryption-key-id': Buffer.from(keyId) },
    data: Buffer.concat([iv, cipher.getAuthTag(), sealed]),
  };
}

function decrypt(payload: Payload, key: Uint8Array, keyId: string): Payload {
  if (textOf(payload, 'encryption-key-id') !== keyId) throw unreadable('it was encrypted with another key');
  const data = payload.data ?? new Uint8Array();
  try {
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES));
    decipher.setAuthTag(data.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return unpack(Buffer.concat([decipher.update(data.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]));
  } catch (error) {
    throw unreadable('it was changed', error);
  }
}

function unreadable(why: string, cause?: unknown): SkillosError {
  return new SkillosError('payload_unreadable', `Cannot decrypt what Temporal stored: ${why}`, { cause });
}

function textOf(payload: Payload, name: string): string | undefined {
  const value = payload.metadata?.[name];
  return value === undefined ? undefined : Buffer.from(value).toString();
}

/** Metadata as JSON with its length before it, then the data. */
function pack({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, data ?? new Uint8Array()]);
}

function unpack(packed: Buffer): Payload {
  const end = 4 + packed.readUInt32BE(0);
  const head = JSON.parse(packed.subarray(4, end).toString()) as Record<string, string>; // authenticated: we wrote it
  const entries = Object.entries(head).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(entries), data: packed.subarray(end) };
}
