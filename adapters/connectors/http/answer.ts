/** The answer of a server as a skill gets it: decompressed, and parsed if it is JSON. */
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';
import type { JsonValue } from '../../../core/json.ts';
import { MAX_BODY_BYTES } from './connection.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed value if the server says that it is JSON, otherwise text; base64 if it is not UTF-8. */
  readonly body: JsonValue;
  readonly encoding?: 'base64';
  /** Size of the body after it was decompressed. */
  readonly bytes: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly content: Uint8Array;
}

const limit = { maxOutputLength: MAX_BODY_BYTES };
const unzipped = (content: Uint8Array) => promisify(unzip)(content, limit);
const DECODERS: Readonly<Record<string, (content: Uint8Array) => Promise<Uint8Array>>> = {
  gzip: unzipped,
  'x-gzip': unzipped,
  deflate: unzipped,
  br: (content) => promisify(brotliDecompress)(content, limit),
};
const UTF8 = new TextDecoder('utf-8', { fatal: true });
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;

/** Rejects with an error of zlib: `ERR_BUFFER_TOO_LARGE` above the limit. A coding that it does not know stays. */
export async function readAnswer({ status, headers: given, content }: RawAnswer): Promise<HttpAnswer> {
  const headers = flat(given);
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decode === undefined || content.length === 0) return { status, headers, ...bodyOf(content, headers) };
  const { 'content-encoding': _coding, 'content-length': _length, ...rest } = headers;
  return { status, headers: rest, ...bodyOf(await decode(content), rest) };
}

function flat(headers: IncomingHttpHeaders): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [name, value = ''] of Object.entries(headers)) {
    texts.push([name, typeof value === 'string' ? value : value.join(', ')]);
  }
  return Object.fromEntries(texts);
}

type Body = Pick<HttpAnswer, 'body' | 'encoding' | 'bytes'>;

function bodyOf(content: Uint8Array, { 'content-type': type = '' }: HttpAnswer['headers']): Body {
  const bytes = content.length;
  const text = utf8(content);
  if (text === undefined) {
    return { body: Buffer.from(content).toString('base64'), encoding: 'base64', bytes };
  }
  return { body: JSON_TYPE.test(type) ? parsed(text) : text, bytes };
}

function utf8(content: Uint8Array): string | undefined {
  try {
    return UTF8.decode(content);
  } catch {
    return undefined; // bytes that are no text
  }
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text; // not JSON, whatever the server says
  }
}
