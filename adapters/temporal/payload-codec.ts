/**
 * Encrypts payloads that Temporal stores (inputs, outputs, summaries; not messages of failures) with AES-256-GCM and a random
 * IV per payload. The Temporal SDK has the codec interface but ships no encryption.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { SkillosError } from '../../core/errors/errors.ts';

/** The fields of Temporal's payload that a codec reads. */
interface Payload {
  metadata?: { [name: string]: Uint8Array } | null;
  data?: Uint8Array | null;
}

interface PayloadCodec {
  encode(payloads: readonly Payload[]): Promise<Payload[]>;
  decode(payloads: readonly Payload[]): Promise<Payload[]>;
}

/** The treatment of unencrypted payloads. */
type Plain = 'read' | 'ignore';

const ENCODING = 'binary/encrypted';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The key is the SHA-256 of `secret`. A client reads a payload that was stored before encryption was enabled; a worker reads
 * it as null, because anybody may have sent it. A payload encrypted with another key is refused with `payload_unreadable`.
 */
export function createPayloadCodec(secret: string, plain: Plain = 'read'): PayloadCodec {
  const key = createHash('sha256').update(secret).digest();
  const keyId = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, key, keyId)),
    decode: async (payloads) =>
      payloads.map((payload) =>
        textOf(payload, 'encoding') === ENCODING ? decrypt(payload, key, keyId) : unencrypted(payload, plain),
      ),
  };
}

/** Returns the data converter options for client and worker; empty without a secret. */
export function dataConverterOf(
  secret: string | undefined,
  plain?: Plain,
): { readonly payloadCodecs?: PayloadCodec[] } {
  return secret === undefined ? {} : { payloadCodecs: [createPayloadCodec(secret, plain)] };
}

/** An error here would make Temporal repeat the workflow task forever, so the value is replaced. */
function unencrypted(payload: Payload, plain: Plain): Payload {
  if (plain === 'read') return payload;
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('null') };
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
    throw unreadable('it was modified', error);
  }
}

function unreadable(why: string, cause?: unknown): SkillosError {
  return new SkillosError('payload_unreadable', `Cannot decrypt what Temporal stored: ${why}`, { cause });
}

function textOf(payload: Payload, name: string): string | undefined {
  const value = payload.metadata?.[name];
  return value === undefined ? undefined : Buffer.from(value).toString();
}

/** Layout: length of the metadata (4 bytes, big endian), metadata as JSON, data. */
function pack({ metadata, data }: Payload): Buffer {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const head = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  // A payload without data, such as a void result, has an array there: the default of protobufjs.
  return Buffer.concat([length, head, Buffer.from(data ?? [])]);
}

function unpack(packed: Buffer): Payload {
  const end = 4 + packed.readUInt32BE(0);
  const head = JSON.parse(packed.subarray(4, end).toString()) as Record<string, string>; // authenticated by GCM, so this codec wrote it
  const entries = Object.entries(head).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(entries), data: packed.subarray(end) };
}
