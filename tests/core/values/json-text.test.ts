import type { JsonValue } from '../../../core/json.ts';
import { prettyJson } from '../../../core/values/json-text.ts';

describe('prettyJson', () => {
  test.each<[JsonValue, string]>([
    ['{"amount":1200}', '{\n  "amount": 1200\n}'],
    [' [1]', '[\n  1\n]'],
    ['{not json', '"{not json"'],
    ['1200', '"1200"'],
    ['a\nb', '"a\\nb"'],
    [{ text: '{"a":1}' }, '{\n  "text": "{\\"a\\":1}"\n}'],
    [null, 'null'],
  ])('of %j is %j', (value, expected) => {
    expect(prettyJson(value)).toBe(expected);
  });
});
