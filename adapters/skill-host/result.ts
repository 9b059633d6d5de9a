/** In the skill process: what a skill returned, as JSON text; what JSON would lose without a word is refused. */
import { Buffer } from 'node:buffer';
import { HostError } from './failure.ts';
import { MAX_OUTPUT_BYTES } from './protocol.ts';

/** `undefined` is null at the top, absent in an object, and null in an array. */
export function resultText(value: unknown): string {
  const text = stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_OUTPUT_BYTES) throw tooLarge({ bytes });
  return text;
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, refuseLoss);
  } catch (error) {
    if (error instanceof HostError) throw error;
    if (!(error instanceof Error)) throw notJson('a toJSON threw');
    if (error.message === 'Invalid string length') throw tooLarge({});
    if (error instanceof RangeError) throw notJson('it is nested too deeply');
    throw notJson(error.message.includes('circular') ? 'it contains itself' : error.message);
  }
}

function refuseLoss(key: string, value: unknown): unknown {
  const refused = refusedKind(value);
  if (refused === undefined) return value;
  throw notJson(`got ${refused}${key === '' ? '' : ` at ${JSON.stringify(key.slice(0, 100))}`}`);
}

function refusedKind(value: unknown): string | undefined {
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
    return `a ${typeof value}`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Map || value instanceof Set) return `a ${value.constructor.name}`;
  return undefined;
}

function notJson(reason: string): HostError {
  return new HostError('skill_output_invalid', `Expected the skill to return JSON: ${reason}`);
}

function tooLarge(details: { bytes?: number }): HostError {
  const message = `Expected the skill to return at most ${MAX_OUTPUT_BYTES} bytes of JSON`;
  return new HostError('skill_output_too_large', message, { ...details, max_bytes: MAX_OUTPUT_BYTES });
}
