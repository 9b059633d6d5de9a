import { offered, rankSkills } from '../../../core/routing/ranking.ts';
import type { RankingRules } from '../../../core/routing/ranking.ts';
import { conceptsByStem } from '../../../core/routing/concepts.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import type { RoutingDocument } from '../../../core/routing/routing-index.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aDocument } from '../../support/routing-documents.ts';

const CONCEPTS = conceptsByStem();

const NAMES = ['a/a', 'a/b', 'a/c', 'a/d', 'a/e'];

/** Ranks documents a/a … by the scores given to them in this order. */
function rank(scores: readonly number[], rules: RankingRules = {}, more: Partial<RoutingDocument>[] = []) {
  const documents = scores.map((_, at) => aDocument(NAMES[at] as string, 'x', more[at]));
  return rankSkills(buildRoutingIndex(documents, CONCEPTS), Float32Array.from(scores), {
    ...rules,
    limit: 3,
  });
}

const ids = (...args: Parameters<typeof rank>): string[] => rank(...args).map(({ id }) => id);
const b = parseSkillId('a/b');
const c = parseSkillId('a/c');

describe('rankSkills', () => {
  test.each([
    [
      [1, 3, 2],
      ['a/b', 'a/c', 'a/a'],
    ],
    [
      [1, 1, 1, 1, 1],
      ['a/a', 'a/b', 'a/c'],
    ],
    [
      [1, 2, 3, 4, 5],
      ['a/e', 'a/d', 'a/c'],
    ],
    [[0, -1, 2], ['a/c']],
    [[], []],
  ])('orders %j by score, then id', (scores, expected) => {
    expect(ids(scores)).toEqual(expected);
  });

  test('has the row of the scored skill', () => {
    expect(rank([0, 2])).toEqual([{ id: 'a/b', score: 2, row: 1 }]);
  });

  test('keeps skills with any of the tags, compared without case', () => {
    const tags = [{ tags: ['X'] }, { tags: ['y', 'z'] }, {}];
    expect(ids([1, 2, 3], { tags: [' x', 'Z'] }, tags)).toEqual(['a/b', 'a/a']);
    expect(ids([1, 2, 3], { tags: [] }, tags)).toEqual(['a/c', 'a/b', 'a/a']);
  });

  test('omits skills that are not allowed', () => {
    expect(ids([1, 2, 3, 4, 5], { isAllowed: (id) => id !== 'a/d' })).toEqual(['a/e', 'a/c', 'a/b']);
  });

  test('multiplies by the weight, also of skills far below', () => {
    expect(ids([5, 4, 3, 2, 1], { weightOf: (id) => (id === 'a/e' ? 10 : 1) })).toEqual([
      'a/e',
      'a/a',
      'a/b',
    ]);
  });

  test.each([0, -1, Number.NaN])('leaves out a skill of weight %d', (weight) => {
    expect(ids([2, 1], { weightOf: (id) => (id === 'a/a' ? weight : 1) })).toEqual(['a/b']);
  });

  test('offers the replacement of a deprecated skill', () => {
    const more = [{ deprecated: true, replacement: b }];
    expect(rank([5, 0, 1], {}, more)).toMatchObject([
      { id: 'a/b', score: 5, row: 0, replaces: 'a/a' },
      { id: 'a/c' },
    ]);
  });

  test('lists a replacement once, with the better of both scores', () => {
    const more = [{}, {}, { deprecated: true, replacement: b }];
    expect(rank([1, 2, 3], {}, more)).toMatchObject([
      { id: 'a/b', score: 3, replaces: 'a/c' },
      { id: 'a/a' },
    ]);
    expect(rank([1, 3, 2], {}, more)[0]).toEqual({ id: 'a/b', score: 3, row: 1 });
  });

  test('follows replacements of replacements', () => {
    const more = [
      { deprecated: true, replacement: b },
      { deprecated: true, replacement: c },
    ];
    expect(rank([1, 0, 0], {}, more)).toMatchObject([{ id: 'a/c', replaces: 'a/a' }]);
  });

  test.each([
    ['has no replacement', [{ deprecated: true }]],
    ['is replaced by what is not there', [{ deprecated: true, replacement: parseSkillId('z/z') }]],
    ['comes before all there is', [{ deprecated: true, replacement: parseSkillId('0/0') }]],
    ['is replaced by itself', [{ deprecated: true, replacement: parseSkillId('a/a') }]],
    [
      'is part of a circle',
      [
        { deprecated: true, replacement: b },
        { deprecated: true, replacement: parseSkillId('a/a') },
      ],
    ],
  ])('offers nothing for a deprecated skill that %s', (_, more) => {
    expect(ids([2, 0, 1], {}, more)).toEqual(['a/c']);
  });

  test('asks tags and rights of the replacement, not of the deprecated skill', () => {
    const more = [{ deprecated: true, replacement: b, tags: ['x'] }, { tags: ['y'] }];
    expect(ids([1, 0], { tags: ['x'] }, more)).toEqual([]);
    expect(ids([1, 0], { isAllowed: (id) => id !== b }, more)).toEqual([]);
    expect(ids([1, 0], { tags: ['y'], isAllowed: (id) => id === b }, more)).toEqual([b]);
  });
});

describe('offered', () => {
  const index = buildRoutingIndex(
    [
      aDocument('a/a', 'x', { tags: ['one'] }),
      aDocument('a/b', 'x', { deprecated: true, replacement: parseSkillId('a/a') }),
      aDocument('a/c', 'x', { deprecated: true }),
    ],
    CONCEPTS,
  );

  test.each<[string, RankingRules, string | undefined]>([
    ['a/a', {}, 'a/a'],
    ['a/b', {}, 'a/a'],
    ['a/c', {}, undefined],
    ['a/x', {}, undefined],
    ['a/a', { tags: ['One'] }, 'a/a'],
    ['a/a', { tags: ['two'] }, undefined],
    ['a/a', { isAllowed: () => false }, undefined],
  ])('%s with %j gives %j', (id, rules, expected) => {
    expect(offered(index, parseSkillId(id), rules)).toBe(expected);
  });
});
