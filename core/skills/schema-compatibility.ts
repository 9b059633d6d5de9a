/** Compares the outputs schema of a step with the inputs schema of the next. Reports only mismatches that must fail. */
import type { JsonObject, JsonValue } from '../json.ts';
import { acceptsOf } from './accept-input.ts';
import { defaultsOf } from './input-defaults.ts';
import type { Plan } from '../plans/plan.ts';

/** Schemas of a skill; undefined means any value. */
export interface Signature {
  readonly name: string;
  readonly inputs?: JsonValue | undefined;
  readonly outputs?: JsonValue | undefined;
}

/** Returns the first mismatch of the plan, or undefined. */
export function mismatchIn(plan: Plan<Signature>): string | undefined {
  return walk(plan, undefined).mismatch;
}

interface Given {
  /** The steps that produce the value, for people. */
  readonly from: string;
  /** Schema of the value; undefined if none is declared. */
  readonly schema: JsonValue | undefined;
}

interface Walked {
  readonly output: Given;
  readonly mismatch?: string | undefined;
}

function walk(plan: Plan<Signature>, given: Given | undefined): Walked {
  switch (plan.kind) {
    case 'step': {
      const { name, inputs, outputs } = plan.step;
      const why = given === undefined ? undefined : mismatch(given.schema, inputs);
      const output = { from: `"${name}"`, schema: outputs };
      return {
        output,
        mismatch:
          why === undefined ? undefined : `"${name}" does not accept the output of ${given?.from}: ${why}`,
      };
    }
    case 'sequence':
      return plan.plans.reduce<Walked>(
        (before, child, index) => {
          const next = walk(child, index === 0 ? given : before.output);
          return { output: next.output, mismatch: before.mismatch ?? next.mismatch };
        },
        { output: { from: '', schema: undefined } },
      );
    case 'parallel': {
      const members = plan.plans.map((child) => walk(child, given));
      return {
        output: joined(members.map(({ output }) => output)),
        mismatch: members.find((member) => member.mismatch !== undefined)?.mismatch,
      };
    }
  }
}

/** Output of a group: one text if all members return text, a list otherwise, unknown if a member declares nothing. */
function joined(outputs: readonly Given[]): Given {
  const from = outputs.map((output) => output.from).join(' and ');
  const types = outputs.map(({ schema }) => typesOf(schema));
  if (types.every((type) => type?.join() === 'string')) return { from, schema: { type: 'string' } };
  const isList = types.some((type) => type !== undefined && !type.includes('string'));
  return { from, schema: isList ? { type: 'array' } : undefined };
}

function mismatch(outputs: JsonValue | undefined, inputs: JsonValue | undefined): string | undefined {
  const accepts = acceptsOf(inputs);
  if (accepts === 'text' || !isPlain(outputs) || !isPlain(inputs)) return undefined;
  const got = typesOf(outputs);
  // A skill with the property query receives text as {query}.
  if (accepts === 'query' && got?.includes('string') === true) return undefined;
  const expected = typesOf(inputs);
  if (got !== undefined && expected !== undefined && !got.some((type) => fits(type, expected))) {
    return `expected ${expected.join(' or ')}, got ${got.join(' or ')}`;
  }
  return got?.join() === 'object' ? fieldMismatch(outputs, inputs) : undefined;
}

/** For objects: each required input must be an output, and each required output must be an allowed input. */
function fieldMismatch(outputs: JsonObject, inputs: JsonObject): string | undefined {
  const [given, taken] = [fieldsOf(outputs), fieldsOf(inputs)];
  if (given === undefined || Array.isArray(inputs['type'])) return undefined;
  const defaults = defaultsOf(inputs) ?? {};
  const lacking = namesOf(inputs['required']).find(
    (name) => !Object.hasOwn(given, name) && !Object.hasOwn(defaults, name),
  );
  if (lacking !== undefined) return `it requires "${lacking}", which is not among the outputs`;
  const isClosed = inputs['additionalProperties'] === false && inputs['patternProperties'] === undefined;
  const extra = namesOf(outputs['required']).find((name) => isClosed && !Object.hasOwn(taken ?? {}, name));
  if (extra !== undefined) return `it does not allow "${extra}"`;
  for (const [name, schema] of Object.entries(given)) {
    const [got, expected] = [typesOf(schema), typesOf(taken?.[name])];
    if (!namesOf(outputs['required']).includes(name) || got === undefined || expected === undefined) continue;
    if (!got.some((type) => fits(type, expected))) {
      return `expected "${name}" to be ${expected.join(' or ')}, got ${got.join(' or ')}`;
    }
  }
  return undefined;
}

function fits(type: string, expected: readonly string[]): boolean {
  if (expected.includes(type)) return true;
  return (
    (type === 'integer' && expected.includes('number')) || (type === 'number' && expected.includes('integer'))
  );
}

/** True for a schema without references and combinators. */
function isPlain(schema: JsonValue | undefined): schema is JsonObject {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false;
  return !['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'not', 'if'].some((word) =>
    Object.hasOwn(schema, word),
  );
}

function typesOf(schema: JsonValue | undefined): readonly string[] | undefined {
  if (!isPlain(schema)) return undefined;
  const type = schema['type'];
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((name): name is string => typeof name === 'string') : undefined;
}

function fieldsOf(schema: JsonObject): JsonObject | undefined {
  const properties = schema['properties'];
  return isObject(properties) ? properties : undefined;
}

function namesOf(required: JsonValue | undefined): readonly string[] {
  return Array.isArray(required) ? required.filter((name): name is string => typeof name === 'string') : [];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
