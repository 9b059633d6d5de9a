import {
  backgroundOf,
  directionOf,
  meanDirection,
  profileTexts,
  similarityOf,
  skillVectors,
  vectorsOfDirections,
  withMeaning,
} from '../../../core/routing/similarity.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const f = (...values: readonly number[]) => Float32Array.from(values);
const rounded = (values: Iterable<number>) => Array.from(values, (value) => value.toFixed(3));

test.each([
  ['Find flights.', 'How do I find flights?'],
  ['Суммы по счетам', 'How do I суммы по счетам?'],
  ['?!', 'How do I ?'],
])('profileTexts have domain, name and description, and ask: %j', (description, asked) => {
  const id = parseSkillId('air_travel/search');
  expect(profileTexts({ id, name: 'Search', description })).toEqual([
    `air travel Search: ${description}`,
    asked,
  ]);
});

test.each([
  ['the mean similarity', [f(1, 0), f(0.6, 0.8), f(0, 1)], (0.6 + 0 + 0.8) / 3],
  ['at least 0', [f(1, 0), f(-1, 0)], 0],
  ['below 1', [f(1, 0), f(1, 0)], 0.95],
])('backgroundOf is %s', (_, vectors, expected) => {
  expect(backgroundOf(vectors)).toBeCloseTo(expected);
});

test('meanDirection is of unit length, and zero where there is none', () => {
  expect(rounded(meanDirection([f(1, 0), f(0, 1)], 2))).toEqual(['0.707', '0.707']);
  expect(rounded(meanDirection([f(1, 0), f(0, 1)], 2, 0.75))).toEqual(['0.600', '0.800']);
  expect([...meanDirection([], 2)]).toEqual([0, 0]);
  expect([...meanDirection([f(1, 0), f(-1, 0)], 2)]).toEqual([0, 0]);
});

test('skillVectors have the direction of profile and examples, and the texts one by one', () => {
  const skills = [
    { profile: [f(1, 0), f(1, 0)], examples: [f(0, 1), f(0, 1)] },
    { profile: [f(0, 1)], examples: [] },
  ];
  const { dimensions, directions, texts, starts } = skillVectors(0, skills, 1.5);
  expect([dimensions, rounded(directions)]).toEqual([2, ['0.600', '0.800', '0.000', '1.000']]);
  expect([[...texts], [...starts]]).toEqual([
    [1, 0, 0, 1, 0, 1, 0, 1],
    [0, 3, 4],
  ]);
  expect(skillVectors(0, [])).toMatchObject({ dimensions: 0, starts: Uint32Array.of(0) });
});

describe('similarityOf', () => {
  const skills = [
    { profile: [f(1, 0)], examples: [f(0, 1)] },
    { profile: [f(1, 0)], examples: [] },
  ];

  test('mixes the direction with the most similar text, above the background', () => {
    const vectors = skillVectors(0.5, skills, 1);
    const direction = (Math.SQRT1_2 - 0.5) / 0.5;
    expect(rounded(similarityOf(vectors, f(0, 1), 0))).toEqual([direction.toFixed(3), '0.000']);
    expect(rounded(similarityOf(vectors, f(0, 1), 1))).toEqual(['1.000', '0.000']);
    expect(rounded(similarityOf(vectors, f(0, 1), 0.5))).toEqual([((direction + 1) / 2).toFixed(3), '0.000']);
  });

  test('is that of the directions alone if nothing else is kept', () => {
    const whole = skillVectors(0.5, skills);
    const directions = skills.map((skill) => directionOf(skill, 2));
    const kept = vectorsOfDirections(0.5, directions);
    expect(similarityOf(kept, f(1, 0))).toEqual(similarityOf(whole, f(1, 0), 0));
    expect(vectorsOfDirections(0, [])).toMatchObject({ dimensions: 0, starts: Uint32Array.of(0) });
  });

  test('compares each of many skills', () => {
    const directions = [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((x) => f(x, 0, 1));
    const similarity = similarityOf(vectorsOfDirections(0, directions), f(1, 0, 0));
    expect(rounded(similarity)).toEqual(['0.000', '0.100', '0.200', '0.300', '0.400', '0.500']);
  });

  test('is never below 0', () => {
    expect([...similarityOf(skillVectors(0, skills), f(-1, 0))]).toEqual([0, 0]);
  });
});

test('withMeaning leaves scores by words as they are without a model', () => {
  const scores = f(3, 0);
  expect(withMeaning(scores)).toBe(scores);
  const [best, other] = withMeaning(scores, f(0, 1));
  expect(other).toBeGreaterThan(best as number);
  expect(best).toBeGreaterThan(0);
});
