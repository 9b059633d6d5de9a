import type { JsonValue } from '../../../core/json.ts';
import { defaultsOf, hasIgnoredDefault } from '../../../core/skills/input-defaults.ts';

const object = (properties: JsonValue) => ({ type: 'object', properties });

describe('defaultsOf', () => {
  test.each<[JsonValue | undefined, JsonValue | undefined]>([
    [undefined, undefined],
    [true, undefined],
    [{ type: 'object' }, undefined],
    [{ type: 'string', properties: { a: { default: 1 } } }, undefined],
    [object([]), undefined],
    [object({ a: true, b: {} }), undefined],
    [
      object({ a: { default: 1 }, b: { default: null }, default: { default: [] } }),
      { a: 1, b: null, default: [] },
    ],
  ])('of %j are %j', (inputs, expected) => {
    expect(defaultsOf(inputs)).toEqual(expected);
  });
});

describe('hasIgnoredDefault', () => {
  test.each<[JsonValue | undefined, boolean]>([
    [undefined, false],
    [true, false],
    [{ default: 1 }, true],
    [{ type: 'array', items: { default: 1 } }, true],
    [object({}), false],
    [object({ a: true, b: { default: { default: 1 } } }), false],
    [object({ default: {}, a: { properties: { default: { type: 'string' } } } }), false],
    [object({ a: { const: { default: 1 }, enum: [{ default: 1 }], examples: [{ default: 1 }] } }), false],
    [object({ a: { properties: { b: { default: 1 } } } }), true],
    [{ ...object({ a: {} }), default: {} }, true],
    [{ ...object({ a: {} }), anyOf: [{ properties: { a: { default: 1 } } }] }, true],
    [{ ...object({ a: {} }), $defs: [{ default: 1 }] }, true],
  ])('of %j is %s', (inputs, expected) => {
    expect(hasIgnoredDefault(inputs)).toBe(expected);
  });
});
