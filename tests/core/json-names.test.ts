import { refusedName } from '../../core/json-names.ts';

describe('refusedName', () => {
  test.each([
    ['{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}'],
    ['[]'],
    ['"a"'],
    ['{"a": "b", "b": "a: {", "c": "\\"a\\": }"}'],
    ['{"a": ["a", "a"]}'],
  ])('passes %s', (json) => {
    expect(refusedName(json)).toBeUndefined();
  });

  test.each([
    ['{"a": 1, "a": 2}', 'a'],
    ['{"a": 1, "\\u0061" : 2}', 'a'],
    ['{"x": [1, {"b": {"c": 1}, "b": 2}]}', 'b'],
    ['{"a\\"b": 1, "a\\"b": 1}', 'a"b'],
    ['{"x": {"__proto__": {}}}', '__proto__'],
    ['{"constructor": 1, "constructor": 1}', 'constructor'],
  ])('finds in %s the name %s', (json, name) => {
    expect(refusedName(json)).toBe(name);
  });

  test('copes with depth and with long texts', () => {
    expect(refusedName(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBeUndefined();
    expect(refusedName(JSON.stringify({ a: '\\"'.repeat(300_000) }))).toBeUndefined();
  });
});
