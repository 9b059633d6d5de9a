import { causesOf, errorText, isErrorLike } from '../../../core/errors/error-chain.ts';
import type { ErrorLike } from '../../../core/errors/error-chain.ts';

class NotFound extends Error {}

const refused = (address: string) =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}:80`), { code: 'ECONNREFUSED', address, port: 80 });

/** `depth` errors, each the cause of the one before. */
function chain(depth: number): Error {
  return new Error(`e${depth}`, depth === 1 ? {} : { cause: chain(depth - 1) });
}

const endless: Error = new Error('loop');
endless.cause = endless;

const selfish = new AggregateError([], 'all');
selfish.errors.push(selfish);

describe('errorText', () => {
  test.each<[string, ErrorLike, string]>([
    ['an error', new Error('no'), 'no'],
    ['an error of a class', new NotFound('no'), 'NotFound: no'],
    ['an object from elsewhere', { message: 'no' }, 'Object: no'],
    ['an object with a name', { message: 'no', name: 'Gone' }, 'Gone: no'],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { message: 'no' }), 'no'],
    [
      'a failed fetch',
      new TypeError('fetch failed', { cause: refused('::1') }),
      'TypeError: fetch failed (caused by connect ECONNREFUSED ::1:80)',
    ],
    [
      'a failed fetch of a name with two addresses',
      new TypeError('fetch failed', {
        cause: Object.assign(new AggregateError([refused('::1'), refused('127.0.0.1')]), {
          code: 'ECONNREFUSED',
        }),
      }),
      'TypeError: fetch failed (caused by AggregateError: [connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80])',
    ],
    [
      'a code and an address',
      Object.assign(new Error('gone'), { code: 'EPIPE', address: '::1', port: 1 }),
      'gone (EPIPE ::1:1)',
    ],
    ['a socket', Object.assign(new Error('gone'), { address: '/run/x' }), 'gone (/run/x)'],
    ['a code that is a number', Object.assign(new Error('gone'), { code: 5 }), 'gone'],
    ['seven causes', chain(8), 'e8 (caused by e7, caused by e6, caused by e5, caused by e4, caused by e3)'],
    ['a chain without end', endless, `loop (${Array(5).fill('caused by loop').join(', ')})`],
    [
      'seven members',
      new AggregateError([1, 'b', null, {}, () => 1, 6, 7], 'all'),
      'AggregateError: all [1; b; null; a value that is not an Error; a value that is not an Error; 2 more]',
    ],
    ['a member that is the error itself', selfish, 'AggregateError: all [AggregateError: all]'],
    ['no members', new AggregateError([], 'none'), 'AggregateError: none'],
    ['a cause that is a text', new Error('no', { cause: 'why' }), 'no (caused by why)'],
    ['a cause that is null', new Error('no', { cause: null }), 'no'],
  ])('of %s', (_what, error, expected) => {
    expect(errorText(error)).toBe(expected);
  });
});

test('causesOf ends at a value that is not an error', () => {
  expect(causesOf(new Error('a', { cause: new Error('b', { cause: 'c' }) }))).toEqual([new Error('b'), 'c']);
});

test.each([undefined, null, 'text', { message: 1 }, {}])('isErrorLike refuses %j', (value) => {
  expect(isErrorLike(value)).toBe(false);
});
