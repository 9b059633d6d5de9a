import {
  readQuery,
  tooLate,
  tooManyBytes,
  tooManyRows,
  verbOf,
} from '../../../../core/connectors/sql/query.ts';

describe('readQuery', () => {
  test('takes SQL and values', () => {
    const args = { sql: 'SELECT $1', params: [1, 'x', null, true, [1], { a: 1 }] };
    expect(readQuery('db', 'query', args)).toEqual(args);
  });

  test.each([
    ['request', {}, 'Connector "db" is a database: expected query, got "request"'],
    ['query', {}, 'Invalid query.sql to connector "db"'],
    ['query', { sql: '', params: [] }, 'Invalid query.sql'],
    ['query', { sql: 'SELECT 1', params: 'x' }, 'Invalid query.params'],
    [
      'query',
      { sql: 'SELECT 1', params: ['a\0b'] },
      'Invalid query.params.0 to connector "db": expected text without',
    ],
    ['query', { sql: 'SELECT \0', params: [] }, 'Invalid query.sql'],
    ['query', { sql: 'SELECT 1', params: [], more: 1 }, 'Invalid query to connector'],
  ])('refuses %s %j', (operation, args, message) => {
    const call = () => readQuery('db', operation, args);
    expect(call).toThrow(expect.objectContaining({ code: 'connector_invalid' }) as Error);
    expect(call).toThrow(message);
  });
});

test('answers that are too large or too late have codes of their own', () => {
  expect([tooManyRows('db').code, tooManyBytes('db').code, tooLate('db', 1).code]).toEqual([
    'sql_too_many_rows',
    'response_too_large',
    'connector_timeout',
  ]);
});

test.each([
  [' SELECT 1', 'select'],
  ['insert into t values (1)', 'insert'],
  ['selectx', 'query'],
  ['-- c\nSELECT 1', 'query'],
])('verbOf(%j) is %s', (sql, verb) => {
  expect(verbOf(sql)).toBe(verb);
});
