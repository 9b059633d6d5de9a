/** Options that take a value as JSON. */
import { Readable } from 'node:stream';
import { SkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { readPayload } from './payload.ts';

/** JSON text, or `@file` with such. Rejects with `usage` where it is none, and as `readPayload` does. */
export async function readJson(given: string, option: string): Promise<JsonValue> {
  const isFile = given.startsWith('@');
  const source = { payload: isFile ? given : undefined, payloadFile: undefined, fromStdin: false };
  const text = (await readPayload(source, Readable.from([]))) ?? given;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const got = isFile ? `file ${JSON.stringify(given.slice(1))}` : JSON.stringify(text.slice(0, 80));
    throw new SkillosError('usage', `Invalid ${option} ${got}: expected JSON`, {
      hint: 'A text is JSON in quotation marks: \'"Kazan"\'',
      cause: error,
    });
  }
}
