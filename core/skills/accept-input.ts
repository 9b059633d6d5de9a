/** Converts a payload to the input of a skill. Without zod: workflows use it. */
import { SkillosError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { jsonIn } from '../values/json-text.ts';
import { MAX_JSON_DEPTH, faultIn } from '../values/strict-json.ts';
import type { Accepts } from '../plans/plan.ts';

/** Payload if the caller gives none; same as in the predecessor. */
export const DEFAULT_PAYLOAD = 'ok';

/** Derives the form of the input from the `inputs` schema of the manifest. */
export function acceptsOf(inputs: JsonValue | undefined): Accepts {
  if (!isObject(inputs) || inputs['type'] === 'string') return 'text';
  const properties = inputs['properties'];
  return isObject(properties) && Object.hasOwn(properties, 'query') ? 'query' : 'json';
}

/** Levels of JSON text between steps; `JSON.stringify` and other recursive functions fail at some thousands. */
const MAX_STEP_DEPTH = 1000;

/**
 * Converts the payload of a request. Text with JSON is parsed if the skill accepts values other than text. Properties that
 * an object lacks are added from `defaults`. Throws `input_invalid` if the parsed value would differ from the text, or is
 * nested too deeply.
 */
export function acceptInput(accepts: Accepts, payload: JsonValue, defaults?: JsonObject): JsonValue {
  return withDefaults(converted(accepts, payload, MAX_JSON_DEPTH), defaults);
}

/**
 * The same for the input of a step, which may be the output of an earlier one: it may be nested much deeper, because a
 * refusal would come after the effects of that step.
 */
export function acceptStepInput(accepts: Accepts, input: JsonValue, defaults?: JsonObject): JsonValue {
  return withDefaults(converted(accepts, input, MAX_STEP_DEPTH), defaults);
}

/** Returns the value of a text that is JSON as `JSON.parse` reads it, and anything else unchanged. */
export function valueIn(input: JsonValue): JsonValue {
  const parsed = typeof input === 'string' ? jsonIn(input) : undefined;
  return parsed === undefined ? input : parsed;
}

function withDefaults(input: JsonValue, defaults: JsonObject | undefined): JsonValue {
  if (defaults === undefined || !isObject(input)) return input;
  const missing = Object.entries(defaults).filter(([name]) => !Object.hasOwn(input, name));
  return missing.length === 0 ? input : { ...input, ...Object.fromEntries(missing) };
}

function converted(accepts: Accepts, payload: JsonValue, levels: number): JsonValue {
  if (accepts === 'text') return typeof payload === 'string' ? payload : JSON.stringify(payload);
  if (typeof payload !== 'string') return payload;
  const parsed = jsonIn(payload);
  if (parsed === undefined) return accepts === 'json' ? payload : { query: payload };
  if (accepts === 'query' && !isObject(parsed)) return { query: payload };
  refuseFault(payload, levels);
  return parsed;
}

function refuseFault(text: string, levels: number): void {
  const fault = faultIn(text, levels);
  if (fault === undefined) return;
  throw new SkillosError('input_invalid', `Invalid payload: it ${fault.why}`, { hint: fault.hint });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
