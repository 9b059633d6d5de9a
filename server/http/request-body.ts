/** Reads a request body: bytes up to a limit, decoded as UTF-8, parsed as strict JSON. */
import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { parseStrictJson } from '../../core/values/strict-json.ts';

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * Resolves to undefined if there is no body. Rejects with `media_type_unsupported`, `body_too_large`, `body_invalid`, or
 * `bad_request` if the connection breaks.
 */
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

/** Resolves to the bytes as they came, of any content type. Rejects as `readJsonBody` does. */
export async function readRawBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  checkEncoding(request.headers['content-encoding']);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return readBytes(request, maxBytes);
}

function checkEncoding(encoding: string | undefined): void {
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new SkillosError('media_type_unsupported', 'Expected a body without Content-Encoding');
  }
}

function checkType(type: string | undefined, encoding: string | undefined): void {
  checkEncoding(encoding);
  if (!JSON_TYPE.test(type ?? '')) {
    throw new SkillosError('media_type_unsupported', 'Expected a body of type application/json in UTF-8');
  }
}

/** Rejects with `body_too_large` or `bad_request`. */
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
      if (cause)
        reject(
          new SkillosError('bad_request', 'The body did not arrive completely; send it again', { cause }),
        );
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
