/** Reads options with JSON values. */
import { Readable } from 'node:stream';
import { SkillosError } from '../../core/errors/errors.ts';
import { MAX_JSON_DEPTH, faultIn } from '../../core/values/strict-json.ts';
import type { JsonValue } from '../../core/json.ts';
import { readPayload } from './payload.ts';

/** Reads JSON text or `@file`. Rejects with `usage` if it is not JSON or would change, and as `readPayload` does. */
export async function readJson(given: string, option: string): Promise<JsonValue> {
  const isFile = given.startsWith('@');
  const source = { payload: isFile ? given : undefined, payloadFile: undefined, fromStdin: false };
  const text = (await readPayload(source, Readable.from([]))) ?? given;
  const got = isFile ? `file ${JSON.stringify(given.slice(1))}` : JSON.stringify(text.slice(0, 80));
  const value = parseJson(text, `Invalid ${option} ${got}: expected JSON`);
  const fault = faultIn(text, MAX_JSON_DEPTH);
  if (fault === undefined) return value;
  throw new SkillosError('usage', `Invalid ${option} ${got}: it ${fault.why}`, { hint: fault.hint });
}

function parseJson(text: string, message: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new SkillosError('usage', message, {
      hint: 'A text is JSON in quotation marks: \'"Kazan"\'',
      cause,
    });
  }
}
