import type { JsonValue } from '../../../core/json.ts';
import { exampleOf } from '../../../core/skills/example-value.ts';

const nested: JsonValue = { type: 'object', required: ['child'], properties: { child: { $ref: '#' } } };

describe('exampleOf', () => {
  test.each<[JsonValue, JsonValue | undefined]>([
    [true, 'text'],
    [false, undefined],
    [{ examples: [5], default: 6 }, 5],
    [{ default: 6, const: 7 }, 6],
    [{ const: 7, enum: [8] }, 7],
    [{ enum: [8, 9] }, 8],
    [{ $ref: '#/$defs/a', $defs: { a: { type: 'null' } } }, null],
    [{ $ref: 'other.json' }, undefined],
    [{ anyOf: [{ type: 'boolean' }, { type: 'null' }] }, true],
    [{ oneOf: [{ type: ['string', 'null'] }] }, 'text'],
    [{ type: 'integer', minimum: 3 }, 3],
    [{ type: 'number', exclusiveMinimum: 3 }, 4],
    [{ type: 'number', maximum: -2 }, -2],
    [{ type: 'number', multipleOf: 0.5 }, 0.5],
    [{ type: 'number' }, 1],
    [{ type: 'string', format: 'date' }, '2026-01-31'],
    [{ type: 'string', minLength: 6 }, 'text..'],
    [{ type: 'array' }, ['text']],
    [{ type: 'array', minItems: 2, items: { type: 'number' } }, [1, 1]],
    [{ type: 'array', items: false }, []],
    [{ type: 'object', required: ['a'], properties: { a: { type: 'number' }, b: true } }, { a: 1 }],
    [{ properties: { a: { type: 'number' }, b: false } }, { a: 1 }],
    [{ type: 'object', required: ['a'] }, { a: 'text' }],
  ])('of %j is %j', (schema, expected) => {
    expect(exampleOf(schema)).toEqual(expected);
  });

  test('of a schema that holds itself ends', () => {
    expect(JSON.stringify(exampleOf(nested)).length).toBeLessThan(200);
  });
});
