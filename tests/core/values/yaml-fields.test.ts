import { addItems, editFields } from '../../../core/values/yaml-fields.ts';

/** The lines where fields begin, as a parser would tell them; texts here have no tricky values. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const found = text
    .split('\n')
    .map((line, index) => [/^\ufeff? *"?(\w+)"?:/.exec(line)?.[1], index + 1] as const);
  return new Map(found.flatMap(([field, line]) => (field === undefined ? [] : [[field, line] as const])));
}

const edit = (text: string, changes: Record<string, string | undefined>) =>
  editFields({ text, lines: linesOf(text) }, changes);

describe('editFields', () => {
  test.each([
    ['a value', 'a: 1\nb: 2\n', { a: '9' }, 'a: 9\nb: 2\n'],
    ['a value before a comment', 'a: 1  # why\n', { a: '9' }, 'a: 9  # why\n'],
    ['a quoted value that holds a number sign', 'a: "x # y" # why\n', { a: '9' }, 'a: 9 # why\n'],
    ['a value in single quotes', "a: 'it''s'\n", { a: '9' }, 'a: 9\n'],
    ['an empty value', 'a:\nb: 2\n', { a: '9' }, 'a: 9\nb: 2\n'],
    ['a quoted key', '"a": 1\n', { a: '9' }, '"a": 9\n'],
    [
      'a block and nothing after it',
      'a: |\n  x\n\n  # no comment\n\n# a comment\nb: 2\n',
      { a: '9' },
      'a: 9\n\n# a comment\nb: 2\n',
    ],
    ['a folded text up to a comment', 'a: x\n  y\n  # why\nb: 2\n', { a: '9' }, 'a: 9\n  # why\nb: 2\n'],
    ['Windows lines', 'a: 1 # why\r\nb: 2\r\n', { a: '9' }, 'a: 9 # why\r\nb: 2\r\n'],
    ['several at once', 'a: 1\nb: 2\nc: 3\n', { c: '7', a: '9' }, 'a: 9\nb: 2\nc: 7\n'],
    [
      'a block by another',
      'a: # why\n  x: 1\nb: 2\n',
      { a: '\n  y: 3\n  z: 4' },
      'a: # why\n  y: 3\n  z: 4\nb: 2\n',
    ],
  ])('replaces %s', (_, text, changes, expected) => {
    expect(edit(text, changes)[0]).toBe(expected);
  });

  test.each([
    ['the only line', 'a: 1\nb: 2\n', { a: undefined }, 'b: 2\n'],
    ['the last line of a file without a line break', 'b: 2\r\na: 1', { a: undefined }, 'b: 2'],
    ['what is not there', 'a: 1\n', { z: undefined }, 'a: 1\n'],
  ])('removes %s', (_, text, changes, expected) => {
    expect(edit(text, changes)[0]).toBe(expected);
  });

  test.each([
    ['after the last content', 'a: 1\n# end\n', 'a: 1\nx: 1\ny: 2\n# end\n'],
    ['before the end of the document', 'a: 1\n...\n', 'a: 1\nx: 1\ny: 2\n...\n'],
    ['with the indent of the others', '  a: 1\n', '  a: 1\n  x: 1\n  y: 2\n'],
    ['behind a byte order mark', '\ufeffa: 1\n', '\ufeffa: 1\nx: 1\ny: 2\n'],
    ['with Windows lines', 'a: 1\r\n', 'a: 1\r\nx: 1\r\ny: 2\r\n'],
    ['without a line break at the end', 'a: 1', 'a: 1\nx: 1\ny: 2'],
    ['without a line break at the end on Windows', 'b: 1\r\na: 1', 'b: 1\r\na: 1\r\nx: 1\r\ny: 2'],
  ])('adds fields %s', (_, text, expected) => {
    expect(edit(text, { x: '1', y: '2' })[0]).toBe(expected);
  });

  test('adds a field whose value has lines of its own', () => {
    expect(edit('  a: 1\r\n', { x: '\n  y: 1' })[0]).toBe('  a: 1\r\n  x:\r\n    y: 1\r\n');
  });

  test('offers both places if the last lines may be text or comments', () => {
    expect(edit('a: |\n  x\n  # text\n', { y: '2' })).toEqual([
      'a: |\n  x\ny: 2\n  # text\n',
      'a: |\n  x\n  # text\ny: 2\n',
    ]);
  });
});

describe('addItems', () => {
  test.each([
    ['l:\n  - a # why\n  # end\nb: 1\n', 2, 'l:\n  - a # why\n  - x\n  - y\n  # end\nb: 1\n'],
    ['l:\r\n-   a\r\nb: 1\r\n', 2, 'l:\r\n-   a\r\n-   x\r\n-   y\r\nb: 1\r\n'],
    ['l:\n- a', 2, 'l:\n- a\n- x\n- y'],
  ])('of %j below line %i', (text, line, expected) => {
    expect(addItems(text, line, ['x', 'y'])).toBe(expected);
  });
});
