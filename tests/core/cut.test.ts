import * as fc from 'fast-check';
import { bestCut } from '../../core/cut.ts';
import type { Joint } from '../../core/cut.ts';

interface Piece {
  readonly text: string;
  readonly weight: number;
}

const jointsOf = (text: string): Joint[] =>
  [...text.matchAll(/\+/g)].map(({ index }) => ({ start: index, end: index + 1 }));

/** Cuts at plus signs; what has no weight is no piece. */
async function cut(
  text: string,
  weights: (text: string) => number,
  bonds: (left: string, right: string, joined: string) => number = () => 1,
) {
  const best = await bestCut<Piece, Joint>({
    text,
    joints: jointsOf(text),
    read: async (piece) => (weights(piece) > 0 ? { text: piece, weight: weights(piece) } : undefined),
    bond: async ({ left, right, joined }) => bonds(left.text, right.text, joined),
  });
  return best && { pieces: best.pieces.map((piece) => piece.text), weight: best.weight };
}

describe('bestCut', () => {
  test.each<[string, Readonly<Record<string, number>>, readonly string[] | undefined]>([
    ['a+b', { 'a+b': 0.5, a: 0.9, b: 0.9 }, ['a', 'b']],
    ['a+b', { 'a+b': 0.9, a: 0.9, b: 0.9 }, ['a+b']],
    ['a+b+c', { 'a+b': 0.9, c: 0.9, a: 0.9 }, ['a+b', 'c']],
    ['a+b', { a: 1 }, undefined],
    ['a', { a: 0.3 }, ['a']],
    ['a', {}, undefined],
  ])('cuts %j with the weights %j into %j', async (text, weights, expected) => {
    expect((await cut(text, (piece) => weights[piece] ?? 0))?.pieces).toEqual(expected);
  });

  test('cuts equal ones as little as it can', async () => {
    expect(await cut('a+b+c', () => 1)).toEqual({ pieces: ['a+b+c'], weight: 1 });
  });

  test('counts bonds, tells them what they join, and takes none of no strength', async () => {
    const asked: string[] = [];
    const found = await cut(
      'a+b+c',
      (text) => (text.includes('+') ? 0.5 : 1),
      (left, right, joined) => {
        asked.push(`${left}|${right}=${joined}`);
        return left === 'b' ? 0 : 2;
      },
    );
    expect(found).toEqual({ pieces: ['a', 'b+c'], weight: 1 });
    expect(asked.sort()).toEqual(['a+b|c=a+b+c', 'a|b+c=a+b+c', 'a|b=a+b', 'b|c=b+c']);
  });

  test('finds what trying every cut finds', async () => {
    const sizes = fc.integer({ min: 1, max: 6 });
    const table = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 21, maxLength: 21 });
    await fc.assert(
      fc.asyncProperty(sizes, table, async (size, numbers) => {
        const letters = 'abcdef'.slice(0, size).split('');
        const weights = (text: string): number =>
          numbers[((text.codePointAt(0) ?? 0) * 6 + (text.codePointAt(text.length - 1) ?? 0)) % 21] as number;
        const every = Array.from({ length: 2 ** (size - 1) }, (_, bits) =>
          letters
            .map((letter, index) => (index > 0 && (bits >> (index - 1)) & 1 ? `|${letter}` : `+${letter}`))
            .join('')
            .slice(1)
            .split('|')
            .reduce((product, piece) => product * weights(piece), 1),
        );
        const found = await cut(letters.join('+'), weights);
        expect(found?.weight).toBeCloseTo(Math.max(...every));
      }),
    );
  });
});
