import * as fc from 'fast-check';
import { bestSegmentation } from '../../../core/splitting/segmentation.ts';
import type { Boundary } from '../../../core/splitting/segmentation.ts';

interface Part {
  readonly text: string;
  readonly score: number;
}

const boundariesIn = (text: string): Boundary[] =>
  [...text.matchAll(/\+/g)].map(({ index }) => ({ start: index, end: index + 1 }));

/** Cuts at plus signs; what has no score is no part. */
async function segment(
  text: string,
  scores: (text: string) => number,
  boundaryScores: (left: string, right: string, joined: string) => number = () => 1,
) {
  const best = await bestSegmentation<Part, Boundary>({
    text,
    boundaries: boundariesIn(text),
    interpret: async (part) => (scores(part) > 0 ? { text: part, score: scores(part) } : undefined),
    scoreBoundary: async ({ left, right, joined }) => boundaryScores(left.text, right.text, joined),
  });
  return best && { parts: best.parts.map((part) => part.text), score: best.score };
}

describe('bestSegmentation', () => {
  test.each<[string, Readonly<Record<string, number>>, readonly string[] | undefined]>([
    ['a+b', { 'a+b': 0.5, a: 0.9, b: 0.9 }, ['a', 'b']],
    ['a+b', { 'a+b': 0.9, a: 0.9, b: 0.9 }, ['a+b']],
    ['a+b+c', { 'a+b': 0.9, c: 0.9, a: 0.9 }, ['a+b', 'c']],
    ['a+b', { a: 1 }, undefined],
    ['a', { a: 0.3 }, ['a']],
    ['a', {}, undefined],
  ])('splits %j with the scores %j into %j', async (text, scores, expected) => {
    expect((await segment(text, (part) => scores[part] ?? 0))?.parts).toEqual(expected);
  });

  test('prefers fewer parts among equal scores', async () => {
    expect(await segment('a+b+c', () => 1)).toEqual({ parts: ['a+b+c'], score: 1 });
  });

  test('multiplies boundary scores and refuses a boundary with score 0', async () => {
    const asked: string[] = [];
    const found = await segment(
      'a+b+c',
      (text) => (text.includes('+') ? 0.5 : 1),
      (left, right, joined) => {
        asked.push(`${left}|${right}=${joined}`);
        return left === 'b' ? 0 : 2;
      },
    );
    expect(found).toEqual({ parts: ['a', 'b+c'], score: 1 });
    expect(asked.sort()).toEqual(['a+b|c=a+b+c', 'a|b+c=a+b+c', 'a|b=a+b', 'b|c=b+c']);
  });

  test('finds the same as trying every segmentation', async () => {
    const sizes = fc.integer({ min: 1, max: 6 });
    const table = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 21, maxLength: 21 });
    await fc.assert(
      fc.asyncProperty(sizes, table, async (size, numbers) => {
        const letters = 'abcdef'.slice(0, size).split('');
        const scores = (text: string): number =>
          numbers[((text.codePointAt(0) ?? 0) * 6 + (text.codePointAt(text.length - 1) ?? 0)) % 21] as number;
        const every = Array.from({ length: 2 ** (size - 1) }, (_, bits) =>
          letters
            .map((letter, index) => (index > 0 && (bits >> (index - 1)) & 1 ? `|${letter}` : `+${letter}`))
            .join('')
            .slice(1)
            .split('|')
            .reduce((product, part) => product * scores(part), 1),
        );
        const found = await segment(letters.join('+'), scores);
        expect(found?.score).toBeCloseTo(Math.max(...every));
      }),
    );
  });
});
