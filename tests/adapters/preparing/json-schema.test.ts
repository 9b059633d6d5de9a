import { Ajv2020 } from 'ajv/dist/2020.js';
import { createJsonSchemas, loadJsonSchemas } from '../../../adapters/preparing/json-schema.ts';
import type { JsonValue } from '../../../core/json.ts';

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
    ['common patterns', { pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', items: { pattern: '^\\S+@\\S+$' } }],
    ['a pattern that is data', { const: { pattern: '^(a+)+$' } }],
    ['definitions', { $defs: { city: { type: 'string' } }, $ref: '#/$defs/city' }],
  ])('finds nothing wrong with %s', async (_, schema) => {
    expect(await schemas.problemOf(schema)).toBeUndefined();
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
      '$schema names "http://json-schema.org/draft-07/schema#": expected "https://json-schema.org/draft/2020-12/schema", or no $schema',
    ],
    [
      'a pattern of exponential time',
      { properties: { a: { pattern: '^(a+)+$' } } },
      'pattern "^(a+)+$" can take exponential time: expected no repetition within a repetition of the same text',
    ],
    [
      'such a pattern of names',
      { patternProperties: { '^(.*x){20}$': true } },
      'pattern "^(.*x){20}$" can take exponential time: expected no repetition within a repetition of the same text',
    ],
    ['a schema that would answer with a promise', { $async: true, type: 'string' }, '$async is refused'],
  ])('names %s', async (_, schema, problem) => {
    expect(await schemas.problemOf(schema)).toBe(problem);
  });

  test('lets two schemas bear one $id, and none replace the meta-schema', async () => {
    const own = { $id: 'https://json-schema.org/draft/2020-12/schema', type: 'string' };
    expect(await schemas.problemOf({ $id: 'x', type: 'string' })).toBeUndefined();
    expect(await schemas.problemOf({ $id: 'x', type: 'number' })).toBeUndefined();
    await schemas.problemOf(own);
    expect(await schemas.problemOf({ type: 'nothing' })).toContain('allowed values');
  });

  test('goes on when more schemas come than it remembers', async () => {
    for (let size = 0; size < 1100; size++) await schemas.problemOf({ maxLength: size });
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

  test.each(['http://json-schema.org/draft-07/schema#', 'urn:x', 7])(
    'takes $schema %j no more than problemOf does',
    async ($schema) => {
      const schema = { $schema, type: 'string' };
      const problem = await schemas.problemOf(schema);
      for (const check of [schemas.checkValue, schemas.checkFully]) {
        expect(() => check(schema, 'x')).toThrow(`Invalid JSON Schema: ${problem}`);
      }
    },
  );
});

const NEXT = { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] };

function nested(depth: number): JsonValue {
  return depth === 0 ? {} : { next: nested(depth - 1) };
}

/** Each takes minutes without a deadline. */
const CATASTROPHES: readonly (readonly [string, JsonValue, JsonValue])[] = [
  ['an exponential pattern', { pattern: '^(a+)+$' }, `${'a'.repeat(64)}!`],
  ['one that the analysis does not find', { pattern: '^(a|a)*$' }, `${'a'.repeat(64)}!`],
  ['one of names', { patternProperties: { '^(a+)+$': true } }, { [`${'a'.repeat(64)}!`]: 1 }],
  [
    'many unique items',
    { items: { type: 'object' }, uniqueItems: true },
    Array.from({ length: 26_000 }, (_, index) => ({ id: index })),
  ],
  [
    'references that branch',
    {
      $defs: { node: { anyOf: [{ $ref: '#/$defs/next' }, { $ref: '#/$defs/next' }] }, next: NEXT },
      $ref: '#/$defs/node',
    },
    nested(40),
  ],
];

describe('a check that takes too long', () => {
  test.each(CATASTROPHES)('leaves the loop of the worker after 25 ms: %s', async (_, schema, value) => {
    const fresh = createJsonSchemas(Ajv2020);
    fresh.checkValue(schema, null); // compiles
    expect(fresh.checkValue(schema, value)).toEqual([]);
    const begun = performance.now();
    for (let repeated = 0; repeated < 100; repeated++) fresh.checkValue(schema, value);
    expect(performance.now() - begun).toBeLessThan(200);
  });

  test('is an issue in a process of its own', () => {
    expect(schemas.checkFully({ pattern: '^(a+)+$' }, `${'a'.repeat(64)}!`)).toEqual([
      { path: '', message: 'takes longer than 5000 ms to check' },
    ]);
  });
});
