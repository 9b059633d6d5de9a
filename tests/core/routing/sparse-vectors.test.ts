import { sparseRows } from '../../../core/routing/postings.ts';
import {
  bm25Weighting,
  groupedRows,
  logWeighting,
  scaledRows,
  termWeight,
  unitRows,
} from '../../../core/routing/sparse-vectors.ts';

const rows = sparseRows([{ features: [1, 2, 2] }, { features: [2] }, { features: [2, 3] }, { features: [] }]);

function lengths({ starts, values }: typeof rows): number[] {
  return Array.from(starts.subarray(1), (end, row) => Math.hypot(...values.subarray(starts[row], end)));
}

describe('logWeighting', () => {
  test('weights features by rarity, and unknown ones highest', () => {
    const { rarity, rarest } = logWeighting(rows);
    expect([...rarity]).toEqual([Math.log(5), Math.log(7 / 3), Math.log(5)].map(Math.fround));
    expect(rarest).toBeCloseTo(Math.log(5));
  });

  test('copes with no rows at all', () => {
    expect(logWeighting(sparseRows([])).rarest).toBeCloseTo(Math.log(2));
  });
});

describe('bm25Weighting', () => {
  test('is near zero for features of nearly all rows', () => {
    const { rarity } = bm25Weighting(rows);
    expect(rarity[1]).toBeLessThan(0.4);
    expect(rarity[0]).toBeGreaterThan(1.2);
  });
});

describe('termWeight', () => {
  test('grows slower than the count', () => {
    expect(termWeight(1, 2)).toBe(2);
    expect(termWeight(4, 2)).toBeLessThan(8);
  });
});

describe('unitRows', () => {
  test('brings every row that has features to length 1', () => {
    const [first, second, third, empty] = lengths(unitRows(rows, logWeighting(rows)));
    for (const length of [first, second, third]) expect(length).toBeCloseTo(1);
    expect(empty).toBe(0);
  });
});

describe('scaledRows', () => {
  test('multiplies each row by its own factor', () => {
    expect([...scaledRows(rows, [2, 3, 1, 5]).values]).toEqual([2, 4, 3, 1, 1]);
  });
});

describe('groupedRows', () => {
  const unit = unitRows(rows, logWeighting(rows));

  test('makes one row per group, and an empty row for an empty group', () => {
    const grouped = groupedRows(unit, [2, 0, 2]);
    expect([...grouped.starts]).toEqual([0, 2, 2, 4]);
    expect(grouped.vocabulary).toBe(unit.vocabulary);
  });

  test('leaves a single example at length 1', () => {
    expect(lengths(groupedRows(unit, [1, 1, 1, 1]))[1]).toBeCloseTo(1);
  });

  test('gives the same for examples said once and said twice', () => {
    const once = sparseRows([{ features: [1, 2] }]);
    const twice = sparseRows([{ features: [1, 2] }, { features: [1, 2] }]);
    const weighting = logWeighting(once);
    const [a, b] = [
      groupedRows(unitRows(once, weighting), [1]),
      groupedRows(unitRows(twice, weighting), [2]),
    ];
    a.values.forEach((value, at) => expect(b.values[at]).toBeCloseTo(value));
  });
});
