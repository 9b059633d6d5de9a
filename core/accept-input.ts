/** How a payload becomes what a skill takes. Zod-free. */
import type { JsonObject, JsonValue } from './json.ts';
import type { Accepts } from './plan.ts';

/** What a skill gets when nobody says; the word the predecessor used. */
export const DEFAULT_PAYLOAD = 'ok';

/** From the manifest's `inputs` schema, or its absence. */
export function acceptsOf(inputs: JsonValue | undefined): Accepts {
  if (!isObject(inputs) || inputs['type'] === 'string') return 'text';
  const properties = inputs['properties'];
  return isObject(properties) && Object.hasOwn(properties, 'query') ? 'query' : 'json';
}

/** Text that holds JSON is read as such wherever a skill takes more than text. */
export function acceptInput(accepts: Accepts, payload: JsonValue): JsonValue {
  if (accepts === 'text') return typeof payload === 'string' ? payload : JSON.stringify(payload);
  if (typeof payload !== 'string') return payload;
  const parsed = parseJson(payload);
  if (accepts === 'json') return parsed === undefined ? payload : parsed;
  return isObject(parsed) ? parsed : { query: payload };
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined; // no JSON: the caller's text is meant as text
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
