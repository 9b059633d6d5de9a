import { createAnswers, exchangesSchema, lastExchanges } from '../../../core/testing/connector-exchange.ts';
import type { ConnectorExchange, KeptExchange } from '../../../core/testing/connector-exchange.ts';
import type { JsonObject } from '../../../core/json.ts';

const call = (operation: string, args: JsonObject = {}, connector = 'c') => ({ connector, operation, args });
const answered = (value: string, args: JsonObject = {}): ConnectorExchange =>
  exchangesSchema.parse([{ connector: 'c', operation: 'request', args, value }])[0] as ConnectorExchange;

describe('createAnswers', () => {
  test('answers in order, and then with the last one', () => {
    const answer = createAnswers([answered('first'), answered('second')], { isMocked: true });
    expect([1, 2, 3].map(() => answer(call('request')))).toEqual(['first', 'second', 'second']);
  });

  test('takes the exchange whose fields the call has', () => {
    const answer = createAnswers([answered('a', { path: '/a' }), answered('b', { query: { q: [1] } })], {
      isMocked: false,
    });
    expect(answer(call('request', { path: '/x', query: { q: [1] } }))).toBe('b');
    expect(answer(call('request', { path: '/a', method: 'PUT' }))).toBe('a');
  });

  test.each([
    [{ path: '/b' }, 'request', 'c'],
    [{}, 'request', 'c'],
    [{ path: '/a' }, 'query', 'c'],
    [{ path: '/a' }, 'request', 'other'],
  ])('refuses the call %j %s of %s', (args, operation, connector) => {
    const answer = createAnswers([answered('a', { path: '/a' })], { isMocked: false });
    expect(() => answer(call(operation, args, connector))).toThrow(/^No answer is recorded for/);
  });

  test('throws a recorded failure', () => {
    const error = { code: 'connector_timeout', message: 'slow' };
    const [exchange] = exchangesSchema.parse([{ connector: 'c', operation: 'query', error }]);
    const answer = createAnswers([exchange as ConnectorExchange], { isMocked: false });
    expect(() => answer(call('query'))).toThrow(expect.objectContaining(error));
  });

  test.each([
    ['request', {}, { status: 200, body: { mocked: true, method: 'GET', path: '' } }],
    ['request', { method: 'PUT', path: '/x' }, { body: { mocked: true, method: 'PUT', path: '/x' } }],
    ['query', {}, { rows: [], row_count: 0 }],
    ['search', {}, []],
    ['upsert', {}, { mocked: true }],
  ])('answers %s %j of a connector without exchanges by something empty', (operation, args, expected) => {
    const answer = createAnswers([answered('x')], { isMocked: true });
    expect(answer(call(operation, args, 'other'))).toMatchObject(expected);
  });
});

test('lastExchanges are those of the last attempt of each step', () => {
  const kept = (step: number, attempt: number, value: string) =>
    ({ step, attempt, exchange: answered(value) }) as unknown as KeptExchange;
  const last = lastExchanges([kept(1, 1, 'lost'), kept(1, 2, 'a'), kept(2, 1, 'b'), kept(1, 2, 'c')]);
  expect(last.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
});
