/** Converts a payload to the input of a skill. Without zod: workflows use it. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { faultIn } from '../values/strict-json.ts';
import type { Accepts } from '../plans/plan.ts';

/** Payload if the caller gives none; same as in the predecessor. */
export const DEFAULT_PAYLOAD = 'ok';

/** Derives the form of the input from the `inputs` schema of the manifest. */
export function acceptsOf(inputs: JsonValue | undefined): Accepts {
  if (!isObject(inputs) || inputs['type'] === 'string') return 'text';
  const properties = inputs['properties'];
  return isObject(properties) && Object.hasOwn(properties, 'query') ? 'query' : 'json';
}

/**
 * Converts the payload. Text with JSON is parsed if the skill accepts values other than text. Properties that an object
 * lacks are added from `defaults`. Throws `input_invalid` if the parsed value would differ from the text, or
 * is nested too deeply.
 */
export function acceptInput(accepts: Accepts, payload: JsonValue, defaults?: JsonObject): JsonValue {
  const input = converted(accepts, payload);
  if (defaults === undefined || !isObject(input)) return input;
  const missing = Object.entries(defaults).filter(([name]) => !Object.hasOwn(input, name));
  return missing.length === 0 ? input : { ...input, ...Object.fromEntries(missing) };
}

function converted(accepts: Accepts, payload: JsonValue): JsonValue {
  if (accepts === 'text') return typeof payload === 'string' ? payload : JSON.stringify(payload);
  if (typeof payload !== 'string') return payload;
  const parsed = parseJson(payload);
  if (parsed === undefined) return accepts === 'json' ? payload : { query: payload };
  if (accepts === 'query' && !isObject(parsed)) return { query: payload };
  refuseFault(payload);
  return parsed;
}

function refuseFault(text: string): void {
  const fault = faultIn(text);
  if (fault === undefined) return;
  throw new SkillosError('input_invalid', `Invalid payload: it ${fault.why}`, { hint: fault.hint });
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // not JSON: the payload is plain text
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
