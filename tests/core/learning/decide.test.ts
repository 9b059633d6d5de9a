import { decide, requiredProbability } from '../../../core/learning/decide.ts';
import type { Rules } from '../../../core/learning/decide.ts';
import type { Experiment, VariantResults } from '../../../core/learning/experiment.ts';

const RULES: Rules = { minSamples: 5, winDelta: 0.1, rollbackDelta: 0.1, guards: { errorRate: 0.05 } };
const NEW: Experiment = { variants: ['v1', 'v2', 'v3'], baseline: 'v1', active: 'v1', decisions: [] };
const PROMOTED: Experiment = { ...NEW, active: 'v2', previous: 'v1' };

type Counts = readonly [successes: number, failures: number];

function resultsOf(counts: Readonly<Record<string, Counts>>): ReadonlyMap<string, VariantResults> {
  return new Map(
    Object.entries(counts).map(([variant, [successes, failures]]) => [
      variant,
      { successes, failures, durations: [] },
    ]),
  );
}

function decided(
  counts: Readonly<Record<string, Counts>>,
  { experiment = NEW, rules = RULES, isRepeated = false } = {},
) {
  return decide(experiment, { results: resultsOf(counts), isRepeated }, rules);
}

describe('promote', () => {
  test('the better variant, with the evidence', () => {
    expect(decided({ v1: [0, 5], v2: [5, 0] }, { isRepeated: true })).toEqual({
      action: 'promote',
      reason: 'confidence_threshold_met',
      from: 'v1',
      to: 'v2',
      rates: { from: 0, to: 1, delta: 1 },
      probability: 0.9989,
    });
  });

  test('the best of several, of equals the first', () => {
    expect(decided({ v1: [2, 18], v2: [15, 5], v3: [18, 2] })).toMatchObject({ to: 'v3' });
    expect(decided({ v1: [2, 18], v2: [18, 2], v3: [18, 2] })).toMatchObject({ to: 'v2' });
  });

  test('a difference of exactly the delta', () => {
    expect(decided({ v1: [500, 500], v2: [600, 400] })).toMatchObject({ action: 'promote' });
  });

  test.each([
    ['too_few_results', {}],
    ['too_few_results', { v1: [0, 4], v2: [9, 0] }],
    ['too_few_results', { v1: [0, 9], v2: [4, 0] }],
    ['difference_too_small', { v1: [5, 5], v2: [5, 5] }],
    ['difference_too_small', { v1: [9, 1], v2: [1, 9] }],
    ['difference_too_small', { v1: [500, 500], v2: [599, 401] }],
    ['evidence_too_weak', { v1: [3, 2], v2: [5, 0] }],
  ] as const)('nothing, %s: %j', (reason, counts) => {
    expect(decided(counts)).toEqual({ action: 'no_action', reason });
  });

  test('nothing that is not better, even with a delta of 0', () => {
    const rules = { ...RULES, winDelta: 0 };
    expect(decided({ v1: [500, 500], v2: [500, 500] }, { rules })).toMatchObject({ action: 'no_action' });
  });

  test('only with more evidence if there were decisions before', () => {
    const counts = { v1: [10, 10], v2: [18, 2] } as const;
    expect(decided(counts)).toMatchObject({ action: 'promote' });
    expect(decided(counts, { isRepeated: true })).toMatchObject({ reason: 'evidence_too_weak' });
  });

  test('the next best if the best breaks a guard', () => {
    const results = new Map([
      ['v1', { successes: 2, failures: 18, durations: [], cost: 100 }],
      ['v2', { successes: 15, failures: 5, durations: [], cost: 100 }],
      ['v3', { successes: 18, failures: 2, durations: [], cost: 200 }],
    ]);
    const rules = { ...RULES, guards: { errorRate: 0.05, cost: 0.1 } };
    expect(decide(NEW, { results, isRepeated: false }, rules)).toMatchObject({ to: 'v2' });
    results.delete('v2');
    expect(decide(NEW, { results, isRepeated: false }, rules)).toEqual({
      action: 'no_action',
      reason: 'guard_broken',
    });
  });
});

describe('rollback', () => {
  test('a variant that turned out worse', () => {
    expect(decided({ v1: [40, 10], v2: [20, 30] }, { experiment: PROMOTED })).toEqual({
      action: 'rollback',
      reason: 'regression_detected',
      from: 'v2',
      to: 'v1',
      rates: { from: 0.4, to: 0.8, delta: 0.4 },
      probability: 1,
      guard: 'error_rate',
    });
  });

  test('by the delta alone if the guard is wider', () => {
    const rules = { ...RULES, guards: { errorRate: 0.9 } };
    const answer = decided({ v1: [40, 10], v2: [20, 30] }, { experiment: PROMOTED, rules });
    expect(answer).toMatchObject({ action: 'rollback' });
    expect(answer).not.toHaveProperty('guard');
  });

  test.each([
    ['a difference by chance', { v1: [10, 0], v2: [8, 2] }],
    ['too few results', { v1: [40, 10], v2: [0, 4] }],
    ['too few results before', { v1: [4, 0], v2: [0, 40] }],
  ] as const)('not for %s', (_, counts) => {
    expect(decided(counts, { experiment: PROMOTED })).toMatchObject({ action: 'no_action' });
  });
});

test.each([
  [5, 0.9989],
  [200, 0.987],
  [400, 0.95],
  [10_000, 0.95],
])('a repeated decision at %i results requires %f', (samples, probability) => {
  expect(requiredProbability(samples, true)).toBeCloseTo(probability, 10);
  expect(requiredProbability(samples, false)).toBe(0.95);
});

type Tallies = readonly [VariantResults, VariantResults];

/** Decides after each of 400 runs, which both variants take in turn. Returns true if the second is promoted. */
function isPromoted(
  rates: readonly [number, number],
  seed: number,
  promotesAt: (tallies: Tallies) => boolean,
): boolean {
  const random = randomNumbers(seed);
  const v1 = { successes: 0, failures: 0, durations: [] };
  const v2 = { successes: 0, failures: 0, durations: [] };
  for (let run = 0; run < 400; run++) {
    const tally = run % 2 === 0 ? v1 : v2;
    if (random() < (rates[run % 2] as number)) tally.successes++;
    else tally.failures++;
    if (promotesAt([v1, v2])) return true;
  }
  return false;
}

function promotions(rates: readonly [number, number], rules: Rules): number {
  /** By the counts: a decision depends on nothing else, and many experiments come by the same ones. */
  const known = new Map<string, boolean>();
  const promotesAt = ([v1, v2]: Tallies): boolean => {
    const counts = `${v1.successes} ${v1.failures} ${v2.successes} ${v2.failures}`;
    let promotes = known.get(counts);
    if (promotes === undefined) {
      const results = new Map(Object.entries({ v1, v2 }));
      promotes = decide(NEW, { results, isRepeated: true }, rules).action === 'promote';
      known.set(counts, promotes);
    }
    return promotes;
  };
  return Array.from({ length: 1000 }, (_, seed) => isPromoted(rates, seed, promotesAt)).filter(Boolean)
    .length;
}

describe('of 1,000 experiments with a decision after each of 400 runs', () => {
  test.each([0.5, 0.8, 0.95])('at most 5 %% promote one of equal variants with rate %f', (rate) => {
    expect(promotions([rate, rate], RULES)).toBeLessThanOrEqual(50);
  });

  test('at least 90 % find a difference of 10 points, with half of it as the delta', () => {
    expect(promotions([0.85, 0.95], { ...RULES, winDelta: 0.05 })).toBeGreaterThanOrEqual(900);
  });
});

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
