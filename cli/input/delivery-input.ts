/** The body and the headers of a delivery, from options. */
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { SkillosError } from '../../core/errors/errors.ts';
import { SCHEMES, schemeOf } from '../../core/webhooks/scheme.ts';
import type { HeaderOf, SchemeName } from '../../core/webhooks/scheme.ts';

/** Reads the bytes as they are; `-` is standard input. */
export async function readBody(path: string, stdin: Readable): Promise<Uint8Array> {
  if (path === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(path);
  } catch (error) {
    throw new SkillosError('input_unreadable', `Cannot read the body from "${path}"`, { cause: error });
  }
}

const HEADER = /^([A-Za-z0-9-]+):[ \t]*(.*?)[ \t]*$/;
const SIGNATURE_HEADERS = new Set(SCHEMES.map((name) => schemeOf(name).header.toLowerCase()));

/** `signature` stands for the header of whatever scheme the trigger has; it may begin with the name of the header. */
export function headersOf(given: readonly string[], signature: string | undefined): HeaderOf {
  const headers = new Map(given.map(parseHeader));
  const value = signature?.replace(/^[A-Za-z0-9-]+: */, '');
  return (name) => {
    const key = name.toLowerCase();
    return headers.get(key) ?? (SIGNATURE_HEADERS.has(key) ? value : undefined);
  };
}

function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = HEADER.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value];
  throw new SkillosError('usage', `Invalid --header ${JSON.stringify(text)}: expected Name: value`);
}

export function schemeNamed(text: string): SchemeName {
  const found = SCHEMES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new SkillosError(
    'usage',
    `Invalid --scheme ${JSON.stringify(text)}: expected one of ${SCHEMES.join(', ')}`,
  );
}
