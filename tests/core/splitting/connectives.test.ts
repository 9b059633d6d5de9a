import { connectivesOf } from '../../../core/splitting/connectives.ts';

/** The kinds found, and what is left between them. */
function taken(text: string): readonly string[] {
  const found = connectivesOf(text);
  const ends = [...found.map(({ start }) => start), text.length];
  return ends.flatMap((end, index) => {
    const before = found[index - 1];
    const part = text.slice(before?.end ?? 0, end);
    return before === undefined ? [part] : [`<${before.kind}>`, part];
  });
}

describe('connectivesOf', () => {
  test.each<[string, readonly string[]]>([
    ['a then b', ['a', '<next>', 'b']],
    ['a, and THEN b', ['a', '<next>', 'b']],
    ['a. Then, b', ['a', '<next>', 'b']],
    ['a -> b => c → d', ['a', '<next>', 'b', '<next>', 'c', '<next>', 'd']],
    ['a, after that b', ['a', '<next>', 'b']],
    ['a, next b next Tuesday', ['a', '<next>', 'b next Tuesday']],
    ['a after b', ['a', '<after>', 'b']],
    ['once a, b', ['', '<after>', 'a', '<list>', 'b']],
    ['a before b', ['a', '<before>', 'b']],
    ['a and b & c; d', ['a', '<and>', 'b', '<and>', 'c', '<list>', 'd']],
    ['a as well\nas b', ['a', '<and>', 'b']],
    ['а, а затем б', ['а', '<next>', 'б']],
    ['б после этого в', ['б', '<next>', 'в']],
    ['а после того, как б', ['а', '<after>', 'б']],
    ['Прежде чем а, б', ['', '<before>', 'а', '<list>', 'б']],
    ['а и б, а также в', ['а', '<and>', 'б', '<and>', 'в']],
    ['а, а потім б та в', ['а', '<next>', 'б', '<and>', 'в']],
    ['перш ніж а, б', ['', '<before>', 'а', '<list>', 'б']],
    ['a, danach b und c', ['a', '<next>', 'b', '<and>', 'c']],
    ['nachdem a, b', ['', '<after>', 'a', '<list>', 'b']],
  ])('finds the joints of %j', (text, expected) => {
    expect(taken(text)).toEqual(expected);
  });

  test.each([
    'Thenar band',
    'thousand islands',
    'потомок',
    'R&D',
    'and-or',
    '1,000',
    'a "b and c" d',
    'a «b и c» d',
    'a “b and c” d',
    'a „b und c“ d',
    'a `b and c` d',
    'a (b and c) d',
    '{"a": 1, "b": "x and y"}',
    '[a, b]',
    'summarise: a and b, then c',
    'summarise this\n\na and b',
    '',
  ])('finds none in %j', (text) => {
    expect(connectivesOf(text)).toEqual([]);
  });

  test('keeps the word as it was written', () => {
    expect(connectivesOf('a, And  then b')).toEqual([{ kind: 'next', word: 'And  then', start: 1, end: 13 }]);
  });
});
