import * as fc from 'fast-check';
import { MAX_JSON_DEPTH, parseStrictJson } from '../../core/strict-json.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseStrictJson', () => {
  test.each([
    ['{}', {}],
    [' {"a": 1, "b": {"a": 2}} ', { a: 1, b: { a: 2 } }],
    ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['{"a":"a","b":["a","a"],"c":"a:"}', { a: 'a', b: ['a', 'a'], c: 'a:' }],
    ['"\\"{[:"', '"{[:'],
    ['"\\\\"', '\\'],
    ['"\ud83d\ude00"', '😀'],
    ['0', 0],
    [nested(MAX_JSON_DEPTH), JSON.parse(nested(MAX_JSON_DEPTH))],
    [`"${'['.repeat(1000)}"`, '['.repeat(1000)],
  ])('reads %s', (text, value) => {
    expect(parseStrictJson(text)).toEqual(value);
  });

  test.each([
    [''],
    ['{'],
    ['{"a":1,}'],
    ["{'a':1}"],
    ['{"a":1} {}'],
    ['NaN'],
    ['"\n"'],
    ['"open'],
    ['"open\\'],
    ['\ufeff{}'],
    ['// no\n{}'],
  ])('refuses %j, which is no JSON', (text) => {
    expect(() => parseStrictJson(text)).toThrow('The body is not JSON');
  });

  test.each([
    ['{"a":1,"a":1}'],
    ['{"a":1,"b":{},"a" \t\r\n :2}'],
    ['{"a":1,"\\u0061":2}'],
    ['[{"b":{"a":[1,{"x":1,"x":2}]}}]'],
    ['{"__proto__":1,"__proto__":2}'],
  ])('refuses %s, which names a field twice', (text) => {
    expect(() => parseStrictJson(text)).toThrow('The body names a field twice');
  });

  test.each([[nested(MAX_JSON_DEPTH + 1)], ['{"a":'.repeat(100_000)], ['['.repeat(1_000_000)]])(
    'refuses what is nested too deeply',
    (text) => {
      expect(() => parseStrictJson(text)).toThrow('The body is nested deeper than 32 levels');
    },
  );

  test('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});
