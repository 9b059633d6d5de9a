import { isPointer, valueAt } from '../../../core/values/json-pointer.ts';

/** The document and the pointers of RFC 6901, section 5. */
const RFC_DOCUMENT = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
};

describe('valueAt', () => {
  test.each([
    ['', RFC_DOCUMENT],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['/none', undefined],
    ['/none/deeper', undefined],
    ['/foo/2', undefined],
    ['/foo/00', undefined],
    ['/foo/-', undefined],
    ['/foo/length', undefined],
    ['/toString', undefined],
    ['/ /deeper', undefined],
  ])('finds %j', (pointer, expected) => {
    expect(valueAt(RFC_DOCUMENT, pointer)).toEqual(expected);
  });

  test('finds null', () => {
    expect(valueAt({ a: null }, '/a')).toBeNull();
    expect(valueAt({ a: null }, '/a/b')).toBeUndefined();
  });
});

describe('isPointer', () => {
  test.each([
    ['', true],
    ['/', true],
    ['/a/~0~1', true],
    ['a', false],
    ['/~2', false],
    ['/~', false],
    ['#/a', false],
  ])('%j: %s', (text, expected) => {
    expect(isPointer(text)).toBe(expected);
  });
});
