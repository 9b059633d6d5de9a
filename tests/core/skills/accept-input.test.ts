import { acceptInput, acceptStepInput, acceptsOf } from '../../../core/skills/accept-input.ts';
import type { JsonValue } from '../../../core/json.ts';
import type { Accepts } from '../../../core/plans/plan.ts';

describe('acceptsOf', () => {
  test.each<[JsonValue | undefined, Accepts]>([
    [undefined, 'text'],
    [true, 'text'],
    [{ type: 'string' }, 'text'],
    [{ type: 'string', properties: { query: {} } }, 'text'],
    [{ type: 'object' }, 'json'],
    [{ type: 'object', properties: { city: {} } }, 'json'],
    [{ type: 'object', properties: [] }, 'json'],
    [{ properties: { query: {} } }, 'query'],
    [{ type: 'object', properties: { query: { type: 'string' }, limit: {} } }, 'query'],
    [{ type: 'array' }, 'json'],
    [{}, 'json'],
  ])('reads inputs %j as %s', (inputs, expected) => {
    expect(acceptsOf(inputs)).toBe(expected);
  });
});

describe('acceptInput', () => {
  test.each<[Accepts, JsonValue, JsonValue]>([
    ['text', 'hi', 'hi'],
    ['text', '{"a":1}', '{"a":1}'],
    ['text', { a: 1 }, '{"a":1}'],
    ['text', null, 'null'],
    ['text', 1, '1'],
    ['json', { a: 1 }, { a: 1 }],
    ['json', '{"a":1}', { a: 1 }],
    ['json', '[1]', [1]],
    ['json', '42', 42],
    ['json', 'null', null],
    ['json', 'plain words', 'plain words'],
    ['json', '{"a":', '{"a":'],
    ['query', 'to Sochi', { query: 'to Sochi' }],
    ['query', '', { query: '' }],
    ['query', '42', { query: '42' }],
    ['query', 'null', { query: 'null' }],
    ['query', '[1]', { query: '[1]' }],
    ['query', '{"query":"to Sochi","limit":2}', { query: 'to Sochi', limit: 2 }],
    ['query', { limit: 2 }, { limit: 2 }],
    ['query', [1], [1]],
  ])('a skill that takes %s gets of %j: %j', (accepts, payload, expected) => {
    expect(acceptInput(accepts, payload)).toEqual(expected);
  });
});

test.each<[Accepts, JsonValue, JsonValue]>([
  ['json', { a: 1 }, { a: 1, b: 2 }],
  ['json', '{"b":null}', { b: null, a: 0 }],
  ['json', { b: 1, a: 1 }, { b: 1, a: 1 }],
  ['json', [1], [1]],
  ['query', 'Sochi', { query: 'Sochi', a: 0, b: 2 }],
])('acceptInput of %s adds defaults to what %j lacks', (accepts, payload, expected) => {
  expect(acceptInput(accepts, payload, { a: 0, b: 2 })).toEqual(expected);
});

test.each<[Accepts, string, string]>([
  ['json', '{"amount":1e400}', 'it holds a number that is too large at "/amount"'],
  ['json', '{"id":7615917337495251231}', 'it holds a number with more digits than a double keeps at "/id"'],
  ['json', '['.repeat(20_000) + ']'.repeat(20_000), 'it is nested deeper than 32 levels'],
  ['query', '{"query":"a","query":"b"}', 'it repeats a name in an object at "/query"'],
])('a skill that takes %s refuses %s', (accepts, payload, message) => {
  expect(() => acceptInput(accepts, payload)).toThrow(`Invalid payload: ${message}`);
});

test('the input of a step may be nested deeper than a payload, but not without limit', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  expect(acceptStepInput('json', nested(33))).toEqual(JSON.parse(nested(33)));
  expect(() => acceptStepInput('json', nested(20_000))).toThrow('it is nested deeper than 1000 levels');
});

test('keeps a query that is a number as text', () => {
  expect(acceptInput('query', '7615917337495251231')).toEqual({ query: '7615917337495251231' });
});
