import { loadJsonSchemas } from '../../adapters/json-schema.ts';
import type { JsonValue } from '../../core/json.ts';

const schemas = await loadJsonSchemas();
const TRIP = {
  type: 'object',
  properties: {
    to: { type: 'string', minLength: 2 },
    sort: { enum: ['price', 'time'] },
    stops: { type: 'array', items: { $ref: '#' } },
  },
  required: ['to'],
  additionalProperties: false,
};

describe('problemOf', () => {
  test.each<[string, JsonValue]>([
    ['a schema that refers to itself', TRIP],
    ['true', true],
    ['a format, which is an annotation', { type: 'string', format: 'date' }],
    ['the dialect by its name', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' }],
    ['keywords of 2020-12', { type: 'array', prefixItems: [{ type: 'string' }], unevaluatedItems: false }],
    ['definitions', { $defs: { city: { type: 'string' } }, $ref: '#/$defs/city' }],
  ])('finds nothing wrong with %s', (_, schema) => {
    expect(schemas.problemOf(schema)).toBeUndefined();
  });

  test.each<[string, JsonValue, string]>([
    ['an unknown keyword', { typ: 'string' }, 'unknown keyword: "typ"'],
    ['an unknown keyword further in', { properties: { a: { maximal: 3 } } }, 'unknown keyword: "maximal"'],
    ['an unknown type', { type: 'objekt' }, '/type must be equal to one of the allowed values'],
    [
      'a reference elsewhere',
      { $ref: 'https://example.com/x' },
      "can't resolve reference https://example.com/x from id #",
    ],
    ['a pattern that is none', { pattern: '(' }, 'Invalid regular expression: /(/u: Unterminated group'],
    [
      'another dialect',
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      'no schema with key or ref "http://json-schema.org/draft-07/schema#"',
    ],
    ['a schema that would answer with a promise', { $async: true, type: 'string' }, '$async is refused'],
  ])('names %s', (_, schema, problem) => {
    expect(schemas.problemOf(schema)).toBe(problem);
  });

  test('lets two schemas bear one $id, and none replace the meta-schema', () => {
    const own = { $id: 'https://json-schema.org/draft/2020-12/schema', type: 'string' };
    expect(schemas.problemOf({ $id: 'x', type: 'string' })).toBeUndefined();
    expect(schemas.problemOf({ $id: 'x', type: 'number' })).toBeUndefined();
    schemas.problemOf(own);
    expect(schemas.problemOf({ type: 'nothing' })).toContain('allowed values');
  });

  test('goes on when more schemas come than it remembers', () => {
    for (let size = 0; size < 1100; size++) schemas.problemOf({ maxLength: size });
    expect(schemas.checkValue({ maxLength: 0 }, 'x')).toHaveLength(1);
  });
});

describe('checkValue', () => {
  test.each<[JsonValue, string, string]>([
    [{}, '', "must have required property 'to'"],
    [{ to: 5 }, '/to', 'must be string'],
    [{ to: 'x' }, '/to', 'must NOT have fewer than 2 characters'],
    [{ to: 'Kazan', from: 'x' }, '', 'must NOT have additional properties: "from"'],
    [{ to: 'Kazan', sort: 'name' }, '/sort', 'must be equal to one of the allowed values: ["price","time"]'],
    [{ to: 'Kazan', stops: [{ to: 'Ufa' }, { to: 1 }] }, '/stops/1/to', 'must be string'],
    ['Kazan', '', 'must be object'],
  ])('finds the first thing wrong with %j', (value, path, message) => {
    expect(schemas.checkValue(TRIP, value)).toEqual([{ path, message }]);
  });

  test('finds nothing wrong with a value that fits', () => {
    expect(schemas.checkValue(TRIP, { to: 'Kazan', stops: [{ to: 'Ufa' }] })).toEqual([]);
  });

  test('stops at the first of very many', () => {
    const value = Array.from({ length: 100_000 }, () => 'x');
    expect(schemas.checkValue({ items: { type: 'number' } }, value)).toHaveLength(1);
  });

  test('throws where the schema is none', () => {
    expect(() => schemas.checkValue({ typ: 1 }, 1)).toThrow(
      expect.objectContaining({ code: 'manifest_invalid' }),
    );
  });
});
