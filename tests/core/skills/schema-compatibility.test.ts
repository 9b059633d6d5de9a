import type { JsonValue } from '../../../core/json.ts';
import type { Plan } from '../../../core/plans/plan.ts';
import { mismatchIn } from '../../../core/skills/schema-compatibility.ts';
import type { Signature } from '../../../core/skills/schema-compatibility.ts';

const step = (name: string, outputs?: JsonValue, inputs?: JsonValue): Plan<Signature> => ({
  kind: 'step',
  step: { name, outputs, inputs },
});
const sequence = (...plans: readonly Plan<Signature>[]): Plan<Signature> => ({ kind: 'sequence', plans });
const group = (...plans: readonly Plan<Signature>[]): Plan<Signature> => ({ kind: 'parallel', plans });

const TEXT = { type: 'string' };
const CITY = { type: 'object', properties: { city: TEXT }, required: ['city'] };
const QUERY = { type: 'object', properties: { query: TEXT } };

function mismatch(outputs: JsonValue | undefined, inputs: JsonValue | undefined): string | undefined {
  return mismatchIn(sequence(step('a/one', outputs), step('b/two', undefined, inputs)));
}

describe('mismatchIn', () => {
  test.each<[string, JsonValue | undefined, JsonValue | undefined]>([
    ['anything and text', CITY, undefined],
    ['anything and a schema of text', { type: 'number' }, TEXT],
    ['nothing said and an object', undefined, CITY],
    ['any value at all and an object', true, CITY],
    ['text and a query', TEXT, QUERY],
    ['an object and the same object', CITY, CITY],
    ['one of two types and the one', { type: ['string', 'object'] }, CITY],
    ['an object without fields and one that is needed', { type: 'object' }, CITY],
    ['whole numbers and numbers', { type: 'integer' }, { type: 'number' }],
    ['numbers and whole numbers', { type: 'number' }, { type: 'integer' }],
    ['what is said elsewhere', { $ref: '#/$defs/x' }, CITY],
    ['something and what is said elsewhere', { type: 'number' }, { anyOf: [CITY] }],
    ['a list and a list or an object', { type: 'array' }, { type: ['object', 'array'], required: ['city'] }],
    ['an object and a list or an object', QUERY, { type: ['object', 'array'], required: ['city'] }],
    ['no type and an object', {}, CITY],
    ['an object and fields without types', CITY, { properties: { city: {} } }],
    [
      'fields of patterns',
      CITY,
      { type: 'object', additionalProperties: false, patternProperties: { c: true } },
    ],
    ['a field that need not be there', QUERY, { type: 'object', properties: { query: { type: 'number' } } }],
    ['a type that is none', { type: 7 }, CITY],
    ['a required field with a default', QUERY, { ...CITY, properties: { city: { default: 'Kazan' } } }],
    ['a list of requirements that is none', CITY, { type: 'object', required: 'city' }],
  ])('fits: %s', (_, outputs, inputs) => {
    expect(mismatch(outputs, inputs)).toBeUndefined();
  });

  test.each<[string, JsonValue, JsonValue, string]>([
    ['a number and an object', { type: 'number' }, CITY, 'expected object, got number'],
    ['text and an object without a query', TEXT, CITY, 'expected object, got string'],
    ['a number and a query', { type: 'number' }, QUERY, 'expected object, got number'],
    ['a field that nobody promises', QUERY, CITY, 'it requires "city", which is not among the outputs'],
    [
      'a field that nobody takes',
      CITY,
      { type: 'object', additionalProperties: false, properties: { town: TEXT } },
      'it does not allow "city"',
    ],
    [
      'no field taken at all',
      CITY,
      { type: 'object', additionalProperties: false },
      'it does not allow "city"',
    ],
    [
      'a field of another type',
      CITY,
      { type: 'object', properties: { city: { type: ['number', 'null'] } } },
      'expected "city" to be number or null, got string',
    ],
  ])('does not: %s', (_, outputs, inputs, why) => {
    expect(mismatch(outputs, inputs)).toBe(`"b/two" does not accept the output of "a/one": ${why}`);
  });

  test('asks nothing of the first step', () => {
    expect(mismatchIn(step('a/one', TEXT, CITY))).toBeUndefined();
  });

  test.each<[string, JsonValue | undefined, JsonValue | undefined, string | undefined]>([
    ['texts make a text', TEXT, TEXT, 'expected object, got string'],
    ['anything else makes a list', CITY, CITY, 'expected object, got array'],
    ['text and an object make a list', TEXT, CITY, 'expected object, got array'],
    ['text and silence may make either', TEXT, undefined, undefined],
  ])('derives the output of a group: %s', (_, left, right, why) => {
    const plan = sequence(group(step('a/one', left), step('a/two', right)), step('b/x', undefined, CITY));
    expect(mismatchIn(plan)).toBe(why && `"b/x" does not accept the output of "a/one" and "a/two": ${why}`);
  });

  test('passes the previous output to each member of a group', () => {
    const plan = sequence(step('a/one', TEXT), group(step('b/ok'), step('b/bad', undefined, CITY)));
    expect(mismatchIn(plan)).toBe(
      '"b/bad" does not accept the output of "a/one": expected object, got string',
    );
  });

  test('goes through nested sequences and names the first mismatch', () => {
    const inner = sequence(step('a/two', { type: 'number' }, undefined), step('a/three', TEXT, CITY));
    expect(mismatchIn(sequence(step('a/one', TEXT), inner, step('a/four', TEXT, CITY)))).toBe(
      '"a/three" does not accept the output of "a/two": expected object, got number',
    );
  });
});
