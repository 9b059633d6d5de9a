/** The body of a request: bytes up to a limit, then text in UTF-8, then one strict JSON object. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import { SkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { parseStrictJson } from '../core/strict-json.ts';

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** `undefined` where there is none. */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<JsonValue | undefined> {
  const { headers } = request;
  const length = headers['content-length'];
  const isEmpty =
    headers['transfer-encoding'] === undefined && (length === undefined || Number(length) === 0);
  if (isEmpty) return undefined;
  checkType(headers['content-type'], headers['content-encoding']);
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readBytes(request, maxBytes);
  return bytes.length === 0 ? undefined : parseStrictJson(decode(bytes));
}

function checkType(type: string | undefined, encoding: string | undefined): void {
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new SkillosError('media_type_unsupported', 'Expected a body without Content-Encoding');
  }
  if (!JSON_TYPE.test(type ?? '')) {
    throw new SkillosError('media_type_unsupported', 'Expected a body of type application/json in UTF-8');
  }
}

export function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) reject(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    finished(request, { writable: false }, (cause) => {
      if (cause) reject(new SkillosError('bad_request', 'The body did not arrive whole', { cause }));
      else resolve(Buffer.concat(chunks));
    });
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SkillosError('body_invalid', 'The body is not UTF-8');
  }
}

function tooLarge(maxBytes: number): SkillosError {
  return new SkillosError('body_too_large', `The body is larger than ${maxBytes} bytes`);
}
