/** Values of `default` in the `inputs` schema of a skill, which its input receives for properties that it lacks. */
import type { JsonObject, JsonValue } from '../json.ts';
import { acceptsOf } from './accept-input.ts';

/** Returns the defaults of the properties of the input, by name; undefined if there are none. */
export function defaultsOf(inputs: JsonValue | undefined): JsonObject | undefined {
  const found = Object.entries(propertiesOf(inputs)).flatMap(([name, schema]) =>
    isObject(schema) && schema['default'] !== undefined ? [[name, schema['default']] as const] : [],
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** True if the schema has a `default` that `defaultsOf` does not return, such as one of an item of a list. */
export function hasIgnoredDefault(inputs: JsonValue | undefined): boolean {
  const applied = Object.values(propertiesOf(inputs)).map(withoutDefault);
  if (!isObject(inputs) || applied.length === 0) return hasDefault(inputs);
  const { properties: _, ...others } = inputs;
  return hasDefault(others) || applied.some(hasDefault);
}

function propertiesOf(inputs: JsonValue | undefined): JsonObject {
  if (acceptsOf(inputs) === 'text' || !isObject(inputs)) return {};
  const { properties } = inputs;
  return isObject(properties) ? properties : {};
}

function withoutDefault(schema: JsonValue): JsonValue {
  if (!isObject(schema)) return schema;
  const { default: _, ...others } = schema;
  return others;
}

/** Keywords whose values are data, and those whose values are schemas by name. */
const DATA = new Set(['const', 'enum', 'examples']);
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'dependentSchemas']);

function hasDefault(schema: JsonValue | undefined): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  if (isObject(schema) && schema['default'] !== undefined) return true;
  return Object.entries(schema as JsonObject).some(([keyword, value]) => {
    if (DATA.has(keyword)) return false;
    return NAMED.has(keyword) && isObject(value) ? Object.values(value).some(hasDefault) : hasDefault(value);
  });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
