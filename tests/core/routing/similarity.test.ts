import { backgroundOf, meanDirection, profileText, similarityOf } from '../../../core/routing/similarity.ts';

const f = (...values: readonly number[]) => Float32Array.from(values);
const WEIGHTS = { profile: 10, examples: 20, profileAlone: 30 };

test('profileText has name and description', () => {
  expect(profileText({ name: 'Search flights', description: 'Between two cities' })).toBe(
    'Search flights. Between two cities',
  );
});

test.each([
  ['the mean similarity', [f(1, 0), f(0.6, 0.8), f(0, 1)], (0.6 + 0 + 0.8) / 3],
  ['at least 0', [f(1, 0), f(-1, 0)], 0],
  ['below 1', [f(1, 0), f(1, 0)], 0.95],
])('backgroundOf is %s', (_, vectors, expected) => {
  expect(backgroundOf(vectors)).toBeCloseTo(expected);
});

test('meanDirection is of unit length, and zero where there is none', () => {
  const mean = [...meanDirection([f(1, 0), f(0, 1)], 2)];
  expect(mean.map((value) => value.toFixed(3))).toEqual(['0.707', '0.707']);
  expect([...meanDirection([], 2)]).toEqual([0, 0]);
  expect([...meanDirection([f(1, 0), f(-1, 0)], 2)]).toEqual([0, 0]);
});

describe('similarityOf', () => {
  const vectors = {
    dimensions: 2,
    background: 0.5,
    profiles: f(1, 0, 0, 1, 1, 0),
    examples: f(1, 0, 0, 1, 0, 0),
  };

  test('adds the evidence of profile and examples above the background', () => {
    const { scores, closeness } = similarityOf(vectors, f(1, 0), WEIGHTS);
    expect([...scores]).toEqual([30, 0, 30]);
    expect([...closeness]).toEqual([1, 0, 1]);
  });

  test('knows no less than nothing', () => {
    const { scores } = similarityOf(vectors, f(-1, 0));
    expect([...scores]).toEqual([0, 0, 0]);
  });

  test('counts a profile alone by its own weight', () => {
    const { scores, closeness } = similarityOf(vectors, f(0.75, 0), WEIGHTS);
    expect([...scores]).toEqual([15, 0, 15]);
    expect([...closeness]).toEqual([0.5, 0, 0.5]);
  });
});
