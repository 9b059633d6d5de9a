import * as fc from 'fast-check';
import { MAX_JSON_DEPTH, findName, parseStrictJson } from '../../../core/values/strict-json.ts';

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
    ['// no\n{}'],
  ])('refuses %j, which is no JSON', (text) => {
    expect(() => parseStrictJson(text)).toThrow('The body is not valid JSON');
  });

  test('names a byte order mark, which nobody sees', () => {
    expect(() => parseStrictJson('\ufeff{}')).toThrow('The body begins with a byte order mark');
  });

  test.each([
    ['{"a":1,"a":1}'],
    ['{"a":1,"b":{},"a" \t\r\n :2}'],
    ['{"a":1,"\\u0061":2}'],
    ['[{"b":{"a":[1,{"x":1,"x":2}]}}]'],
    ['{"__proto__":1,"__proto__":2}'],
  ])('refuses %s, which repeats a name', (text) => {
    expect(() => parseStrictJson(text)).toThrow('The body repeats a name in an object');
  });

  test.each([[nested(MAX_JSON_DEPTH + 1)], ['{"a":'.repeat(100_000)], ['['.repeat(1_000_000)]])(
    'refuses what is nested too deeply',
    (text) => {
      expect(() => parseStrictJson(text)).toThrow('The body is nested deeper than 32 levels');
    },
  );

  test('parses any output of JSON.stringify', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('reads a list of 200,000 members', () => {
    expect(parseStrictJson(`[${'1,'.repeat(199_999)}1]`)).toHaveLength(200_000);
  });

  test.each([
    ['1e400', 'The body holds a number that is too large'],
    ['{"a":[-1e999]}', 'The body holds a number that is too large at "/a/0"'],
    ['{"id":7615917337495251231}', 'The body holds a number with more digits than a double keeps at "/id"'],
  ])('refuses %s, which would change', (text, message) => {
    expect(() => parseStrictJson(text)).toThrow(message);
  });
});

const repeatedOrReserved = (json: string) =>
  findName(json, (name, siblings) => siblings.has(name) || name === '__proto__');

describe('findName', () => {
  test.each([
    ['{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}'],
    ['[]'],
    ['"a"'],
    ['{"a": "b", "b": "a: {", "c": "\\"a\\": }"}'],
    ['{"a": ["a", "a"]}'],
  ])('passes %s', (json) => {
    expect(repeatedOrReserved(json)).toBeUndefined();
  });

  test.each([
    ['{"a": 1, "a": 2}', 'a'],
    ['{"a": 1, "\\u0061" : 2}', 'a'],
    ['{"x": [1, {"b": {"c": 1}, "b": 2}]}', 'b'],
    ['{"a\\"b": 1, "a\\"b": 1}', 'a"b'],
    ['{"x": {"__proto__": {}}}', '__proto__'],
    ['{"constructor": 1, "constructor": 1}', 'constructor'],
  ])('finds in %s the name %s', (json, name) => {
    expect(repeatedOrReserved(json)).toBe(name);
  });

  test('accepts deep and long texts', () => {
    expect(repeatedOrReserved(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBeUndefined();
    expect(repeatedOrReserved(JSON.stringify({ a: '\\"'.repeat(300_000) }))).toBeUndefined();
  });
});
