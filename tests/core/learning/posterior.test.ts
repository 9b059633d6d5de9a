import * as fc from 'fast-check';
import {
  probabilitiesBest,
  probabilityBetter,
  rateInterval,
  rateOf,
} from '../../../core/learning/posterior.ts';
import type { Tally } from '../../../core/learning/posterior.ts';

const tally = (successes: number, failures: number): Tally => ({ successes, failures });
const counts = fc.record({ successes: fc.nat(300), failures: fc.nat(300) });

describe('probabilityBetter', () => {
  test.each([
    ['one success against one failure', tally(1, 0), tally(0, 1), 5 / 6],
    ['five successes against five failures', tally(5, 0), tally(0, 5), 923 / 924],
    ['nothing against one success', tally(0, 0), tally(1, 0), 1 / 3],
  ])('%s', (_, candidate, other, expected) => {
    expect(probabilityBetter(candidate, other)).toBeCloseTo(expected, 12);
  });

  test('of a rate with only successes against a uniform one is n+1 of n+2', () => {
    for (const n of [0, 1, 10, 1000, 100_000]) {
      expect(probabilityBetter(tally(n, 0), tally(0, 0))).toBeCloseTo((n + 1) / (n + 2), 9);
    }
  });

  test('of both sides adds up to one, and is a half for equal results', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        expect(probabilityBetter(a, b) + probabilityBetter(b, a)).toBeCloseTo(1, 9);
        expect(probabilityBetter(a, a)).toBeCloseTo(0.5, 9);
      }),
    );
  });

  test('rises with each success and falls with each failure', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const { successes, failures } = a;
        const now = probabilityBetter(a, b);
        expect(probabilityBetter(tally(successes + 1, failures), b)).toBeGreaterThanOrEqual(now - 1e-12);
        expect(probabilityBetter(tally(successes, failures + 1), b)).toBeLessThanOrEqual(now + 1e-12);
      }),
    );
  });

  test('stays exact for counts whose factorials overflow', () => {
    expect(probabilityBetter(tally(60_000, 40_000), tally(50_000, 50_000))).toBeCloseTo(1, 9);
    expect(probabilityBetter(tally(50_000, 50_000), tally(50_000, 50_000))).toBeCloseTo(0.5, 6);
  });
});

describe('probabilitiesBest', () => {
  test('of two is the probability of the one to be better', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const [first, second] = probabilitiesBest([a, b]);
        expect(first).toBeCloseTo(probabilityBetter(a, b), 3);
        expect(second).toBeCloseTo(probabilityBetter(b, a), 3);
      }),
      { numRuns: 30 },
    );
  });

  test('of equal variants is the same, and adds up to one', () => {
    expect(probabilitiesBest([tally(3, 2), tally(3, 2), tally(3, 2)])).toEqual([
      expect.closeTo(1 / 3, 3),
      expect.closeTo(1 / 3, 3),
      expect.closeTo(1 / 3, 3),
    ]);
  });
});

describe('rateInterval', () => {
  test.each([
    [tally(0, 0), [0, 1]],
    [tally(50, 50), [0.4038, 0.5962]],
    [tally(10, 0), [0.7225, 1]],
    [tally(0, 10), [0, 0.2775]],
  ])('of %j', (of, [low, high]) => {
    expect(rateInterval(of)).toEqual([expect.closeTo(low as number, 4), expect.closeTo(high as number, 4)]);
  });
});

test.each([
  [tally(0, 0), 0],
  [tally(0, 3), 0],
  [tally(3, 1), 0.75],
])('the rate of %j', (of, rate) => {
  expect(rateOf(of)).toBe(rate);
});
