/** Runs in the skill process: serialises a result, and refuses values that JSON would silently lose. */
import { Buffer } from 'node:buffer';
import { HostError } from './failure.ts';
import { lossIn } from './json-loss.ts';
import { MAX_OUTPUT_BYTES } from './protocol.ts';

/** An object or array that is being serialised, and its name or index in the one before it. */
interface Level {
  readonly value: unknown;
  readonly key: string;
}

const MAX_PLACE_CHARS = 200;

/** Returns JSON text. `undefined` becomes null at the top and in arrays, and is omitted in objects. Throws a `HostError`. */
export function resultText(value: unknown): string {
  const text = stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_OUTPUT_BYTES) throw tooLarge({ bytes });
  return text;
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, refusingLoss());
  } catch (error) {
    if (error instanceof HostError) throw error;
    if (!(error instanceof Error)) throw notJson('a toJSON threw');
    if (error.message === 'Invalid string length') throw tooLarge({});
    if (error instanceof RangeError) throw notJson('it is nested too deeply');
    throw notJson(error.message.includes('circular') ? 'it contains itself' : error.message);
  }
}

/** Returns a replacer for `JSON.stringify`, which calls it depth first with the holder of the value as `this`. */
function refusingLoss(): (this: unknown, key: string, value: unknown) => unknown {
  const levels: Level[] = [];
  return function check(key, value) {
    while (levels.length > 0 && levels.at(-1)?.value !== this) levels.pop();
    const original = (this as Readonly<Record<string, unknown>>)[key];
    const loss = lossIn(value, original);
    if (loss !== undefined) throw notJson(`got ${loss}${placeOf(levels, key)}`);
    if (typeof value === 'object' && value !== null) levels.push({ value, key });
    return value;
  };
}

/** The first level is the result itself, whose key is empty. */
function placeOf(levels: readonly Level[], key: string): string {
  if (levels.length === 0) return '';
  const names = [...levels.slice(1).map((level) => level.key), key];
  const place = names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return ` at ${JSON.stringify(place.slice(0, MAX_PLACE_CHARS))}`;
}

function notJson(reason: string): HostError {
  return new HostError('skill_output_invalid', `Expected the skill to return JSON: ${reason}`);
}

function tooLarge(details: { bytes?: number }): HostError {
  const message = `Expected the skill to return at most ${MAX_OUTPUT_BYTES} bytes of JSON`;
  return new HostError('skill_output_too_large', message, { ...details, max_bytes: MAX_OUTPUT_BYTES });
}
