/** Whether what one skill says it returns can be what the next says it takes; only what must fail is a misfit. */
import type { JsonObject, JsonValue } from './json.ts';
import { acceptsOf } from './accept-input.ts';
import type { Plan } from './plan.ts';

/** What a skill's manifest says of its values; nothing said means that anything is possible. */
export interface Signature {
  readonly name: string;
  readonly inputs?: JsonValue | undefined;
  readonly outputs?: JsonValue | undefined;
}

/** Why the plan cannot work, for the first place where it cannot. */
export function misfitIn(plan: Plan<Signature>): string | undefined {
  return walk(plan, undefined).misfit;
}

interface Given {
  /** For people: which steps it comes from. */
  readonly from: string;
  /** What is said of the value; `undefined` where nothing is. */
  readonly schema: JsonValue | undefined;
}

interface Walked {
  readonly output: Given;
  readonly misfit?: string | undefined;
}

function walk(plan: Plan<Signature>, given: Given | undefined): Walked {
  switch (plan.kind) {
    case 'step': {
      const { name, inputs, outputs } = plan.step;
      const why = given === undefined ? undefined : misfit(given.schema, inputs);
      const output = { from: `"${name}"`, schema: outputs };
      return {
        output,
        misfit: why === undefined ? undefined : `"${name}" cannot take what ${given?.from} gives: ${why}`,
      };
    }
    case 'sequence':
      return plan.plans.reduce<Walked>(
        (before, child, index) => {
          const next = walk(child, index === 0 ? given : before.output);
          return { output: next.output, misfit: before.misfit ?? next.misfit };
        },
        { output: { from: '', schema: undefined } },
      );
    case 'parallel': {
      const members = plan.plans.map((child) => walk(child, given));
      return {
        output: joined(members.map(({ output }) => output)),
        misfit: members.find((member) => member.misfit !== undefined)?.misfit,
      };
    }
  }
}

/** Texts become one text, anything else a list; where a member says nothing, neither is certain. */
function joined(outputs: readonly Given[]): Given {
  const from = outputs.map((output) => output.from).join(' and ');
  const types = outputs.map(({ schema }) => typesOf(schema));
  if (types.every((type) => type?.join() === 'string')) return { from, schema: { type: 'string' } };
  const isList = types.some((type) => type !== undefined && !type.includes('string'));
  return { from, schema: isList ? { type: 'array' } : undefined };
}

function misfit(outputs: JsonValue | undefined, inputs: JsonValue | undefined): string | undefined {
  const accepts = acceptsOf(inputs);
  if (accepts === 'text' || !isPlain(outputs) || !isPlain(inputs)) return undefined;
  const got = typesOf(outputs);
  // Text becomes {query} for a skill that takes one.
  if (accepts === 'query' && got?.includes('string') === true) return undefined;
  const expected = typesOf(inputs);
  if (got !== undefined && expected !== undefined && !got.some((type) => fits(type, expected))) {
    return `expected ${expected.join(' or ')}, got ${got.join(' or ')}`;
  }
  return got?.join() === 'object' ? fieldMisfit(outputs, inputs) : undefined;
}

/** Objects: what is required must be promised, and what is promised must be allowed. */
function fieldMisfit(outputs: JsonObject, inputs: JsonObject): string | undefined {
  const [given, taken] = [fieldsOf(outputs), fieldsOf(inputs)];
  if (given === undefined || Array.isArray(inputs['type'])) return undefined;
  const lacking = namesOf(inputs['required']).find((name) => !Object.hasOwn(given, name));
  if (lacking !== undefined) return `it needs "${lacking}", which is not among the fields given`;
  const isClosed = inputs['additionalProperties'] === false && inputs['patternProperties'] === undefined;
  const extra = namesOf(outputs['required']).find((name) => isClosed && !Object.hasOwn(taken ?? {}, name));
  if (extra !== undefined) return `it does not take "${extra}"`;
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

/** A schema that its own words describe whole. */
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
