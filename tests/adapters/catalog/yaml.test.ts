import { MAX_YAML_BYTES, readYaml } from '../../../adapters/catalog/yaml.ts';

const DEPTH = 5000;
const manyLines = Array.from({ length: 20 }, (_, index) => `key${index}: value`).join('\n');

function read(text: string | Uint8Array) {
  return readYaml(typeof text === 'string' ? Buffer.from(text) : text);
}

test('readYaml takes invisible characters that are part of a text, or written as escapes', () => {
  const text = 'a: « x\u00a0»\nb: "\\u200b"\nc: "👩\u200d💻"\nمی\u200cخواهم: 1';
  expect(read(text)).toMatchObject({
    status: 'read',
    value: { a: '« x\u00a0»', b: '\u200b', c: '👩\u200d💻', 'می\u200cخواهم': 1 },
  });
});

test('readYaml names a no-break space that makes a mapping none', () => {
  expect(read('a: 1\nid:\u00a0a/b\nb: 2')).toMatchObject({
    status: 'refused',
    rule: 'yaml_syntax',
    message: expect.stringContaining('; the character U+00A0 here is not a space'),
  });
});

describe('readYaml', () => {
  test.each([
    ['a mapping', 'id: a/b\ntags: [x, y]\n', { id: 'a/b', tags: ['x', 'y'] }],
    [
      'numbers, booleans and null of the core schema',
      'a: 1\nb: 1.5\nc: true\nd: null\ne: no',
      { a: 1, b: 1.5, c: true, d: null, e: 'no' },
    ],
    ['a byte order mark', '\ufeffa: 1', { a: 1 }],
    ['line breaks of Windows', 'a: 1\r\nb: x\r\n', { a: 1, b: 'x' }],
    [
      'text that only looks like a tag, an anchor or an alias',
      'a: "!x"\nb: c & d * e ! f\nc: |\n  !x\n  *y\n',
      { a: '!x', b: 'c & d * e ! f', c: '!x\n*y\n' },
    ],
    ['a merge key as any other key', 'a: {<<: {b: 1}}', { a: { '<<': { b: 1 } } }],
    ['an empty text', '', undefined],
    ['a bare text', 'hello', 'hello'],
  ])('reads %s', (_, text, value) => {
    expect(read(text)).toMatchObject({ status: 'read', value });
  });

  test.each([
    ['yaml_too_large', 'one byte above the cap', 'a'.repeat(MAX_YAML_BYTES + 1), undefined],
    ['yaml_too_large', 'a megabyte', 'a: b\n'.repeat(200_000), undefined],
    ['yaml_not_utf8', 'a byte that is no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff]), undefined],
    ['yaml_syntax', 'a NUL', 'a: 1\nb: "x\0"', 1],
    ['yaml_syntax', 'text that is no YAML', 'a: 1\nb: [', 3],
    ['yaml_duplicate_key', 'a key twice', 'a: 1\nb: 2\na: 3', 3],
    ['yaml_duplicate_key', 'a key twice in braces', 'x: 1\ny: {a: 1, a: 2}', 2],
    ['yaml_several_documents', 'two documents', 'a: 1\n---\nb: 2', undefined],
    ['yaml_tag', 'a tag that would run code', 'a: 1\nb: !!js/function "x"', 2],
    ['yaml_tag', 'a tag of the core schema', 'a: !!str 5', 1],
    ['yaml_tag', 'the tag without a name', 'a: ! 5', 1],
    ['yaml_tag', 'a tag below comments', 'a: # one\n  # two\n  !!str b', 3],
    ['yaml_tag', 'a tag on the whole document', '!!map\na: 1', 1],
    ['yaml_tag', 'a tag on a key', '!!str a: 1', 1],
    ['yaml_anchor', 'an anchor', 'a: &x 1', 1],
    ['yaml_anchor', 'a billion laughs', 'a: &a [lol]\nb: &b [*a, *a]\nc: [*b, *b]', 1],
    ['yaml_alias', 'an alias', 'a: 1\nb: *x', 2],
    ['yaml_too_deep', 'brackets in brackets', '['.repeat(DEPTH), 1],
    ['yaml_too_deep', 'lists in lists', '- '.repeat(DEPTH), 1],
    ['yaml_too_deep', 'keys in keys', '? '.repeat(DEPTH), 1],
    ['yaml_too_many_nodes', 'thousands of empty lists', `[${'[],'.repeat(20_000)}]`, 1],
    ['yaml_forbidden_key', 'a key that is every object’s prototype', 'a:\n  __proto__: {b: 1}', 2],
    ['yaml_invisible_character', 'a space without width', 'a: 1\nid: a/b\u200b', 2],
    ['yaml_invisible_character', 'a mark that reorders what is shown', 'a: "\u202e1"', 1],
    ['yaml_invisible_character', 'a second byte order mark', '\ufeff\ufeffa: 1', 1],
    ['yaml_invisible_character', 'a key that a no-break space indents', 'a: 1\n\u00a0b: 2', 2],
    ['yaml_invisible_character', 'a key with a no-break space', 'a:\n  b\u00a0: 2', 2],
    ['yaml_not_json', 'infinity', 'a: .inf', 1],
    ['yaml_not_json', 'what is no number', 'a: [1, .nan]', 1],
  ])('refuses by %s %s', (rule, _, text, line) => {
    const result = read(text);
    expect(result).toMatchObject({ status: 'refused', rule });
    expect(result).toHaveProperty('message');
    expect((result as { line?: number }).line).toBe(line);
  });

  test.each([
    ['a line of brackets', '{'.repeat(60_000)],
    ['a line of colons', 'a: '.repeat(20_000)],
    ['a thousand question marks, each on a line', '? \n'.repeat(1000)],
    ['a line of quotes', '"'.repeat(60_000)],
    ['comments before every value', `${`#${'x'.repeat(2000)}\n`.repeat(30)}a: 1`],
    ['spaces inside a text', `a: b${' '.repeat(60_000)}c`],
    ['line breaks without end', `a:${'\n'.repeat(60_000)} - b`],
  ])('answers %s within a second', (_, text) => {
    const started = performance.now();
    read(text);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('leaves the prototype of objects alone', () => {
    read('__proto__: {polluted: true}');
    expect({}).not.toHaveProperty('polluted');
  });

  test.each([
    [[], 2],
    [['id'], 2],
    [['tags', 1, 'k'], 3],
    [['inputs', 'properties', 'q', 'type'], 8],
    [['inputs', 'list', 1, 'c'], 12],
    [['empty'], 13],
    [['last'], 14],
    [['end'], 17],
    [['inputs', 'absent'], 5],
    [['absent'], 2],
    [['id', 'deeper'], 2],
  ])('tells the line of %j', (path, line) => {
    const result = read(`# comment
id: a/b
tags: [one, {k: v}]

inputs:
  properties:
    q:
      type: string
  list:
  - a
  - b: 1
    c: 2
empty:
last: |
  end: no key
  text
end: 5
`);
    expect(result.status === 'read' && result.lineOf(path)).toBe(line);
  });

  test('tells lines of a long file from the first to the last', () => {
    const result = read(manyLines);
    expect(result.status === 'read' && [0, 9, 19].map((n) => result.lineOf([`key${n}`]))).toEqual([
      1, 10, 20,
    ]);
  });
});
