/** JSON pointers (RFC 6901). Ours, because the packages for it also change documents, or walk the prototypes of objects. */
import type { JsonObject, JsonValue } from '../json.ts';

export const POINTER_RULE = 'a JSON pointer such as /data/object, or "" for the whole document';

const POINTER = /^(\/([^~/]|~[01])*)*$/u;
const INDEX = /^(0|[1-9]\d{0,15})$/;

export function isPointer(text: string): boolean {
  return POINTER.test(text);
}

/** Returns undefined if the document has nothing at this place. */
export function valueAt(document: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const token of pointer.split('/').slice(1)) {
    value = member(value, token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (value === undefined) return undefined;
  }
  return value;
}

function member(value: JsonValue, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value))
    return INDEX.test(name) ? (value as readonly JsonValue[])[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
}
