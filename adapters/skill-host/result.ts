/** Runs in the skill process: serialises a result, and refuses values that JSON would silently lose. */
import { Buffer } from 'node:buffer';
import { HostError } from './failure.ts';
import { refusingLoss } from './json-loss.ts';
import { MAX_OUTPUT_BYTES } from './protocol.ts';

/** Returns JSON text. `undefined` becomes null at the top and in arrays, and is omitted in objects. Throws a `HostError`. */
export function resultText(value: unknown): string {
  const text = stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_OUTPUT_BYTES) throw tooLarge({ bytes });
  return text;
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, refusingLoss(notJson));
  } catch (error) {
    if (error instanceof HostError) throw error;
    if (!(error instanceof Error)) throw notJson('a toJSON threw');
    if (error.message === 'Invalid string length') throw tooLarge({});
    if (error instanceof RangeError) throw notJson('it is nested too deeply');
    throw notJson(error.message);
  }
}

function notJson(reason: string): HostError {
  return new HostError('skill_output_invalid', `Expected the skill to return JSON: ${reason}`);
}

function tooLarge(details: { bytes?: number }): HostError {
  const message = `Expected the skill to return at most ${MAX_OUTPUT_BYTES} bytes of JSON`;
  return new HostError('skill_output_too_large', message, { ...details, max_bytes: MAX_OUTPUT_BYTES });
}
