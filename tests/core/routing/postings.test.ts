import { columnFrequencies, indexOfSorted, invert, sparseRows } from '../../../core/routing/postings.ts';

const LISTS = [
  { features: [7, 3, 7] },
  { features: [] },
  { features: [3, 9], values: [0.5, 2] },
  { features: [9, 9], values: [0.25, 0.5] },
];

describe('sparseRows', () => {
  test('makes one row per list and adds the values of repeated features', () => {
    expect(sparseRows(LISTS)).toEqual({
      vocabulary: Uint32Array.of(3, 7, 9),
      starts: Uint32Array.of(0, 2, 2, 4, 5),
      columns: Uint32Array.of(1, 0, 0, 2, 2),
      values: Float32Array.of(2, 1, 0.5, 2, 0.75),
    });
  });

  test('makes nothing of nothing', () => {
    expect(sparseRows([]).starts).toEqual(Uint32Array.of(0));
  });
});

describe('columnFrequencies', () => {
  test('counts the rows of each column', () => {
    expect(columnFrequencies(sparseRows(LISTS))).toEqual(Uint32Array.of(2, 1, 2));
  });
});

describe('invert', () => {
  const weighting = { rarity: Float32Array.of(1, 2, 3), rarest: 4 };

  test('lists the rows of each feature in order', () => {
    expect(invert(sparseRows(LISTS), weighting)).toEqual({
      vocabulary: Uint32Array.of(3, 7, 9),
      ...weighting,
      starts: Uint32Array.of(0, 2, 3, 5),
      rows: Uint32Array.of(0, 2, 0, 2, 3),
      values: Float32Array.of(1, 0.5, 2, 2, 0.75),
    });
  });

  test('keeps no rows of a feature that more than the limit have', () => {
    const { starts, rows, values } = invert(sparseRows(LISTS), weighting, 1);
    expect(starts).toEqual(Uint32Array.of(0, 0, 1, 1));
    expect(rows).toEqual(Uint32Array.of(0));
    expect(values).toEqual(Float32Array.of(2));
  });
});

describe('indexOfSorted', () => {
  const sorted = Uint32Array.of(2, 4, 6, 8, 10);

  test.each([
    [2, 0],
    [6, 2],
    [10, 4],
    [1, -1],
    [5, -1],
    [11, -1],
  ])('finds %d at %d', (value, expected) => {
    expect(indexOfSorted(sorted, value)).toBe(expected);
  });

  test('looks only within the limits', () => {
    expect(indexOfSorted(sorted, 4, { from: 1, to: 3 })).toBe(1);
    expect(indexOfSorted(sorted, 8, { from: 1, to: 3 })).toBe(-1);
    expect(indexOfSorted(sorted, 2, { from: 0, to: 0 })).toBe(-1);
  });
});
