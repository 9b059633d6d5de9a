import * as fc from 'fast-check';
import { confidenceOf } from '../../../core/routing/confidence.ts';
import type { ConfidenceFeatures } from '../../../core/routing/confidence.ts';

const CLEAR: ConfidenceFeatures = { scores: [12, 3, 2], matched: 1, known: 1, words: 3 };
const share = fc.double({ min: 0, max: 1, noNaN: true });
const score = fc.double({ min: 0, max: 1e6, noNaN: true });

describe('confidenceOf', () => {
  test('is a probability for any signs', () => {
    const signs = fc.record({
      scores: fc.array(score, { minLength: 1, maxLength: 20 }),
      matched: share,
      known: share,
      words: fc.nat(700),
      closeness: fc.option(share, { nil: undefined }),
    });
    fc.assert(
      fc.property(signs, (some) => {
        const confidence = confidenceOf(some);
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('is lower if the meaning is less similar', () => {
    const far = confidenceOf({ ...CLEAR, closeness: 0.1 });
    expect(far).toBeLessThan(confidenceOf({ ...CLEAR, closeness: 0.8 }));
  });

  test('is high for a clear winner that has all the words', () => {
    expect(confidenceOf(CLEAR)).toBeGreaterThan(0.9);
  });

  test.each([
    ['a close rival', { scores: [12, 11.9] }],
    ['weak evidence', { scores: [2, 0.1] }],
    ['words that only other skills have', { matched: 0.3 }],
  ])('is lower with %s', (_, change) => {
    expect(confidenceOf({ ...CLEAR, ...change })).toBeLessThan(confidenceOf(CLEAR));
  });
});
