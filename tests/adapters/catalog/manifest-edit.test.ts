import { chmodSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { editManifest } from '../../../adapters/catalog/manifest-edit.ts';
import { anEntry } from '../../support/entries.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { writeFiles } from '../../support/write-files.ts';

const FILE = 'metadata/a/b.yaml';
const DEPRECATE = { deprecated: true, deprecation_reason: 'old: use # other', replacement_id: 'a/c' };
const UNDO = { deprecated: false, deprecation_reason: undefined, replacement_id: undefined };

async function edited(text: string, changes: Parameters<typeof editManifest>[2]): Promise<string> {
  const root = tempFolder();
  writeFiles(root, { [FILE]: text });
  await editManifest(root, anEntry('a/b'), changes);
  return readFileSync(join(root, FILE), 'utf8');
}

describe('editManifest', () => {
  test('adds fields and takes them back, with comments, order and quotes as they were', async () => {
    const text = '# who: ops\nid: "a/b" # the id\n\ntags:   [ x,  y ]\nname: \'B\'\n# the end\n';
    const changed = await edited(text, DEPRECATE);
    expect(changed).toBe(
      text.replace(
        '# the end',
        "deprecated: true\ndeprecation_reason: 'old: use # other'\nreplacement_id: a/c\n# the end",
      ),
    );
    expect(await edited(changed, UNDO)).toBe(text.replace('# the end', 'deprecated: false\n# the end'));
  });

  test('leaves the manifest of a package alone, which would not run any more', async () => {
    const root = tempFolder();
    writeFiles(root, { [FILE]: 'id: a/b\n' });
    const entry = anEntry('a/b', { package: 'a/b@1.0.0' });
    await expect(editManifest(root, entry, DEPRECATE)).rejects.toMatchObject({ code: 'manifest_invalid' });
    expect(readFileSync(join(root, FILE), 'utf8')).toBe('id: a/b\n');
  });

  test.each([
    ['a block text at the end', 'id: a/b\ndescription: |\n  text\n  # no comment\n'],
    ['a text whose second line looks like a field', 'id: a/b\nname: "x\ndeprecated: no\n  y"\n'],
    ['a list in the style of one item a line', 'id: a/b\ntags:\n- x\n- y\n'],
    ['a byte order mark and lines of Windows', '\ufeffid: a/b\r\nname: B\r\n'],
  ])('leaves alone %s', async (_, text) => {
    const changed = await edited(text, { deprecated: true });
    const added = changed.includes('\r\n') ? 'deprecated: true\r\n' : 'deprecated: true\n';
    expect(changed).toBe(text + added);
  });

  test.each([
    ['indented items', 'id: a/b\ntags:\n  # first\n  - x # why\n  - "y"\n# end\n', '  - '],
    ['items below the field', 'tags:\n- x\n- y # why\nid: a/b\n', '- '],
    ['lines of Windows', 'id: a/b\r\ntags:\r\n  - x\r\n  - y\r\nname: B\r\n', '  - '],
  ])('adds to a list of %s and keeps its comments', async (_, text, dash) => {
    const end = text.includes('\r') ? '\r\n' : '\n';
    const lines = text.split(end);
    const last = lines.findIndex((line) => /- "?y/.test(line));
    const expected = lines.toSpliced(last + 1, 0, `${dash}'a: b # c'`, `${dash}z`).join(end);
    expect(await edited(text, { tags: ['x', 'y', 'a: b # c', 'z'] })).toBe(expected);
  });

  test.each([
    ['on one line', 'id: a/b\ntags: [ x ] # why\n'],
    ['with a text of several lines', 'id: a/b\ntags:\n  - x\n    y\n'],
  ])('replaces the whole of a list that is %s', async (_, text) => {
    const known = text.includes('y') ? ['x y'] : ['x'];
    const changed = await edited(text, { tags: [...known, 'z'] });
    expect(changed).toContain(`tags: [${known[0]}, z]`);
  });

  test('puts a text of several lines on one', async () => {
    expect(await edited('id: a/b\n', { deprecation_reason: 'one\ntwo' })).toBe(
      'id: a/b\ndeprecation_reason: "one\\ntwo"\n',
    );
  });

  test('writes an object on lines of its own, and replaces it again', async () => {
    const schema = {
      type: 'object',
      properties: { text: { type: 'string', pattern: '^[a-z: ]+$' } },
      required: ['text'],
    };
    const yaml = `inputs:
  type: object
  properties:
    text:
      type: string
      pattern: '^[a-z: ]+$'
  required:
    - text
`;
    const text = 'id: a/b\n# the last\n';
    const changed = await edited(text, { inputs: schema });
    expect(changed).toBe(`id: a/b\n${yaml}# the last\n`);
    expect(await edited(changed, { inputs: {} })).toBe('id: a/b\ninputs: {}\n# the last\n');
  });

  test.each(['{id: a/b, name: B}\n', 'id: a/b\ntags: [x\n', ''])(
    'refuses what lines cannot edit: %j',
    async (text) => {
      const root = tempFolder();
      writeFiles(root, { [FILE]: text });
      await expect(editManifest(root, anEntry('a/b'), DEPRECATE)).rejects.toMatchObject({
        code: 'manifest_invalid',
      });
      expect(readFileSync(join(root, FILE), 'utf8')).toBe(text);
    },
  );

  test('keeps the mode of the file, leaves nothing beside it, and edits what a link points to', async () => {
    const root = tempFolder();
    writeFiles(root, { 'shared/b.yaml': 'id: a/b\n', 'metadata/a/.keep': '' });
    symlinkSync('../../shared/b.yaml', join(root, FILE));
    chmodSync(join(root, 'shared/b.yaml'), 0o640);
    await editManifest(root, anEntry('a/b'), { deprecated: true });
    expect(readFileSync(join(root, 'shared/b.yaml'), 'utf8')).toContain('deprecated: true');
    expect(statSync(join(root, 'shared/b.yaml')).mode & 0o777).toBe(0o640);
    expect(readdirSync(join(root, 'shared'))).toEqual(['b.yaml']);
  });
});
