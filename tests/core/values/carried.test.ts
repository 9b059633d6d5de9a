import {
  CARRIED_MAX_BYTES,
  INLINE_MAX_BYTES,
  joinParts,
  refsIn,
  storedBytes,
} from '../../../core/values/carried.ts';

describe('joinParts', () => {
  test.each([
    [['a', 'b'], 'a\nb'],
    [['a'], 'a'],
    [[], ''],
    [
      ['a', 1],
      ['a', 1],
    ],
    [
      [{ x: 1 }, null],
      [{ x: 1 }, null],
    ],
    [
      [['a'], 'b'],
      [['a'], 'b'],
    ],
  ])('makes %j of %j', (parts, expected) => {
    expect(joinParts(parts)).toEqual(expected);
  });
});

test('values above 16 KiB are stored as blobs, up to 32 MiB', () => {
  expect([INLINE_MAX_BYTES, CARRIED_MAX_BYTES]).toEqual([16_384, 33_554_432]);
});

test('storedBytes counts the blobs of a value', () => {
  const blob = { ref: 'a', bytes: 1 };
  expect(storedBytes({ parts: [blob, { value: 'inline' }, { parts: [{ ref: 'b', bytes: 2 }] }] })).toBe(3);
});

test('refsIn names every blob of a value', () => {
  const blob = { ref: 'a', bytes: 1 };
  expect(refsIn({ parts: [blob, { value: 1 }, { parts: [{ ref: 'b', bytes: 2 }] }] })).toEqual(['a', 'b']);
  expect(refsIn({ value: null })).toEqual([]);
});
