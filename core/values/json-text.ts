/** JSON that people read. */
import type { JsonValue } from '../json.ts';

/** Indented JSON. A text that is itself an object or a list in JSON is shown as that value. */
export function prettyJson(value: JsonValue): string {
  return JSON.stringify(unquoted(value), null, 2);
}

/** The object or list that a text spells, or else the value itself. */
export function unquoted(value: JsonValue): JsonValue {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  return jsonIn(value) ?? value; // ordinary text
}

/** Returns undefined for what is no JSON. */
export function jsonIn(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
