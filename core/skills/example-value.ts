/** Makes an example of a value from its JSON Schema, for messages. It need not fit: callers validate it. */
import type { JsonObject, JsonValue } from '../json.ts';
import { valueAt } from '../values/json-pointer.ts';

const MAX_DEPTH = 8;
const MAX_ITEMS = 3;
const FORMATS = new Map<unknown, string>([
  ['date', '2026-01-31'],
  ['date-time', '2026-01-31T09:00:00Z'],
  ['email', 'ann@example.org'],
  ['time', '09:00:00Z'],
  ['uri', 'https://example.org/'],
  ['uuid', '123e4567-e89b-42d3-a456-426614174000'],
]);

/** Prefers values that the schema names: `examples`, `default`, `const`, `enum`. */
export function exampleOf(schema: JsonValue): JsonValue | undefined {
  return build(schema, { root: schema, depth: 0 });
}

interface Place {
  readonly root: JsonValue;
  readonly depth: number;
}

function build(schema: JsonValue, { root, depth }: Place): JsonValue | undefined {
  if (schema === true) return 'text';
  if (!isObject(schema) || depth > MAX_DEPTH) return undefined;
  const { examples, default: usual, const: only, enum: choices, $ref: reference } = schema;
  const named = [first(examples), usual, only, first(choices)].find((value) => value !== undefined);
  if (named !== undefined) return named;
  const inner = { root, depth: depth + 1 };
  const other =
    (typeof reference === 'string' ? valueAt(root, reference.replace(/^#/, '')) : undefined) ??
    first(schema['anyOf']) ??
    first(schema['oneOf']);
  return other === undefined ? ofType(schema, inner) : build(other, inner);
}

type Builder = (schema: JsonObject, inner: Place) => JsonValue;

const BUILDERS = new Map<unknown, Builder>([
  ['null', () => null],
  ['boolean', () => true],
  ['integer', numberOf],
  ['number', numberOf],
  ['array', listOf],
  ['string', textOf],
]);

function ofType(schema: JsonObject, inner: Place): JsonValue {
  const { type } = schema;
  const make = BUILDERS.get(Array.isArray(type) ? first(type) : type) ?? objectOf;
  return make(schema, inner);
}

/** With the required fields; with all of them if none is required. */
function objectOf(schema: JsonObject, inner: Place): JsonValue {
  const fields = isObject(schema['properties']) ? schema['properties'] : {};
  const required = (Array.isArray(schema['required']) ? schema['required'] : []).map(String);
  const names = required.length === 0 ? Object.keys(fields) : required;
  const values = names.map((name) => [name, build(fields[name] ?? true, inner)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as JsonObject;
}

function listOf({ items = true, minItems }: JsonObject, inner: Place): JsonValue {
  const item = build(items, inner);
  return item === undefined ? [] : Array.from({ length: Math.min(least(minItems), MAX_ITEMS) }, () => item);
}

function numberOf({ minimum, exclusiveMinimum, maximum, multipleOf }: JsonObject): number {
  if (typeof multipleOf === 'number') return multipleOf;
  if (typeof minimum === 'number') return minimum;
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1;
  return typeof maximum === 'number' ? Math.min(maximum, 1) : 1;
}

function textOf({ format, minLength }: JsonObject): string {
  return FORMATS.get(format) ?? 'text'.padEnd(Math.min(least(minLength), 100), '.');
}

function least(limit: JsonValue | undefined): number {
  return typeof limit === 'number' && limit > 1 ? limit : 1;
}

function first(list: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(list) ? (list[0] as JsonValue | undefined) : undefined;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
