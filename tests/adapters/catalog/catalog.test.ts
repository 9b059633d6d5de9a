import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locateFields, openCatalog } from '../../../adapters/catalog/catalog.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

function aRoot(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = tempFolder();
  writeFiles(root, files);
  return root;
}

describe('load', () => {
  test('reads manifests at any depth, in every spelling of the extension', async () => {
    const root = aRoot({
      'metadata/a/one.yaml': aManifest('a/one'),
      'metadata/a/two.yml': aManifest('a/two'),
      'metadata/a/six.YAML': aManifest('a/six'),
      'metadata/x/y/z/three.yaml': aManifest('b/three'),
      'metadata/a/notes.txt': 'no manifest',
      'metadata/.hidden/four.yaml': aManifest('a/four'),
      'metadata/a/.five.yaml': aManifest('a/five'),
    });
    const { skills, findings } = await openCatalog(root).load();
    expect([...skills.keys()].sort()).toEqual(['a/one', 'a/six', 'a/two', 'b/three']);
    expect(findings.map(({ rule, file }) => [rule, file])).toEqual([
      ['path_mismatch', 'metadata/a/six.YAML'],
      ['path_mismatch', 'metadata/x/y/z/three.yaml'],
    ]);
  });

  test('is empty where there is no metadata folder', async () => {
    const { skills, findings } = await openCatalog(tempFolder()).load();
    expect([skills.size, findings]).toEqual([0, []]);
  });

  test.each(['no-such-folder', 'a-file'])('rejects with the root as it was typed: %s', async (name) => {
    const folder = tempFolder();
    writeFiles(folder, { 'a-file': '' });
    const root = join(folder, name);
    const catalogs = openCatalog(root);
    for (const call of [catalogs.load(), catalogs.fingerprint(), catalogs.find(parseSkillId('a/b'))]) {
      await expect(call).rejects.toMatchObject({
        code: 'root_not_found',
        message: expect.stringContaining(root),
      });
    }
  });

  test('takes 300 skills and reports the one that is broken', async () => {
    const files = Array.from({ length: 300 }, (_, n) => [`metadata/a/s${n}.yaml`, aManifest(`a/s${n}`)]);
    const root = aRoot({ ...Object.fromEntries(files), 'metadata/a/broken.yaml': 'id: [' });
    const { skills, findings } = await openCatalog(root).load();
    expect(skills.size).toBe(300);
    expect(findings).toMatchObject([
      { severity: 'error', rule: 'yaml_syntax', file: 'metadata/a/broken.yaml' },
    ]);
  });

  test('takes the file at the path of its id before others that claim the id', async () => {
    const root = aRoot({
      'metadata/a/earlier.yaml': aManifest('b/two'),
      'metadata/b/two.yaml': aManifest('b/two'),
      'metadata/c/later.yaml': aManifest('b/two'),
    });
    const { skills, findings } = await openCatalog(root).load();
    expect(skills.get(parseSkillId('b/two'))?.file).toBe('metadata/b/two.yaml');
    expect(findings.filter(({ rule }) => rule === 'duplicate_id')).toMatchObject([
      { file: 'metadata/a/earlier.yaml', message: expect.stringContaining('metadata/b/two.yaml') },
      { file: 'metadata/c/later.yaml', message: expect.stringContaining('metadata/b/two.yaml') },
    ]);
  });

  test('takes the first in path order where none stands at the path of its id', async () => {
    const root = aRoot({ 'metadata/z.yaml': aManifest('a/b'), 'metadata/y.yaml': aManifest('a/b') });
    const { skills } = await openCatalog(root).load();
    expect(skills.get(parseSkillId('a/b'))?.file).toBe('metadata/y.yaml');
  });

  test('refuses a file that is too large without reading it', async () => {
    const root = aRoot({ 'metadata/a/big.yaml': aManifest('a/big', `# ${'x'.repeat(70_000)}`) });
    const { findings } = await openCatalog(root).load();
    expect(findings).toMatchObject([{ rule: 'yaml_too_large' }]);
  });

  test('refuses what is no regular file, and does not wait for it', async () => {
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one') });
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(root, 'metadata/a/pipe.yaml')]);
    const { skills, findings } = await openCatalog(root).load();
    expect(skills.size).toBe(1);
    expect(findings).toMatchObject([{ rule: 'not_a_regular_file', file: 'metadata/a/pipe.yaml' }]);
  });

  test('refuses links that lead out of the root, and follows those within', async () => {
    const outside = aRoot({ 'secret.yaml': aManifest('a/secret'), 'folder/x.yaml': aManifest('a/x') });
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one'), 'shared/two.yaml': aManifest('a/two') });
    symlinkSync(join(outside, 'secret.yaml'), join(root, 'metadata/a/secret.yaml'));
    symlinkSync('../../shared/two.yaml', join(root, 'metadata/a/two.yaml'));
    symlinkSync(join(outside, 'folder'), join(root, 'metadata/linked'));
    symlinkSync('nowhere', join(root, 'metadata/a/dangling.yaml'));
    symlinkSync('loop.yaml', join(root, 'metadata/a/loop.yaml'));
    const { skills, findings } = await openCatalog(root).load();
    expect([...skills.keys()].sort()).toEqual(['a/one', 'a/two']);
    expect(findings.map(({ file, rule }) => [file, rule])).toEqual([
      ['metadata/a/dangling.yaml', 'file_unreadable'],
      ['metadata/a/loop.yaml', 'file_unreadable'],
      ['metadata/a/secret.yaml', 'path_outside_root'],
      ['metadata/linked', 'symlinked_folder'],
    ]);
  });

  test('refuses a metadata folder that is a link', async () => {
    const outside = aRoot({ 'x.yaml': aManifest('a/x') });
    const root = tempFolder();
    symlinkSync(outside, join(root, 'metadata'));
    const catalogs = openCatalog(root);
    expect(await catalogs.load()).toMatchObject({ findings: [{ rule: 'not_a_folder', file: 'metadata' }] });
    expect(await catalogs.find(parseSkillId('a/x'))).toBeUndefined();
  });

  test('reports a file that may not be read', async () => {
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one') });
    mkdirSync(join(root, 'metadata/locked'));
    chmodSync(join(root, 'metadata/a/one.yaml'), 0);
    chmodSync(join(root, 'metadata/locked'), 0);
    const { findings } = await openCatalog(root).load();
    chmodSync(join(root, 'metadata/locked'), 0o700);
    // The superuser may read everything.
    const expected = process.getuid?.() === 0 ? [] : ['file_unreadable', 'file_unreadable'];
    expect(findings.map(({ rule }) => rule)).toEqual(expected);
  });

  test('sees each edit, be it of the same size and within one tick of the clock', async () => {
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one', 'cost: 1') });
    const catalogs = openCatalog(root);
    for (const cost of [2, 3, 4]) {
      writeFiles(root, { 'metadata/a/one.yaml': aManifest('a/one', `cost: ${cost}`) });
      expect((await catalogs.load()).skills.get(parseSkillId('a/one'))?.manifest.cost).toBe(cost * 10_000);
      expect((await catalogs.find(parseSkillId('a/one')))?.manifest.cost).toBe(cost * 10_000);
    }
    rmSync(join(root, 'metadata/a/one.yaml'));
    expect((await catalogs.load()).skills.size).toBe(0);
  });

  test('answers an unchanged root with the same catalog', async () => {
    const catalogs = openCatalog(aRoot({ 'metadata/a/one.yaml': aManifest('a/one') }));
    expect(await catalogs.load()).toBe(await catalogs.load());
  });
});

const COMPOSED = 'entrypoint: skillos.composition:run_composed_skill\n';

/** The manifest of a composition. */
function aComposedManifest(id: string): string {
  return aManifest(id).replace(/entrypoint: .*\n/, COMPOSED);
}

describe('compositions', () => {
  const STEPS =
    '{"id": "a/both", "steps": ["a/one", ["a/one", "a/two"]], "version": "0.1.0", "active": false}';

  test('come with their manifest', async () => {
    const root = aRoot({
      'metadata/a/both.yaml': aComposedManifest('a/both'),
      'compositions/a/both.json': STEPS.replaceAll(' ', '\n\t'),
      'compositions/.versions/a/both/0.1.0.json': STEPS,
    });
    const catalogs = openCatalog(root);
    const { skills, findings } = await catalogs.load();
    expect(findings).toEqual([]);
    const entry = skills.get(parseSkillId('a/both'));
    expect(entry?.composition).toEqual({
      id: 'a/both',
      steps: ['a/one', ['a/one', 'a/two']],
      version: '0.1.0',
      active: false,
    });
    expect(await openCatalog(root).find(parseSkillId('a/both'))).toEqual(entry);
  });

  test.each([
    ['is not there', undefined, 'composition_missing', 'metadata/a/both.yaml'],
    ['is no JSON', '{"id": "a/both", "steps": ["a/one"],}', 'json_invalid', 'compositions/a/both.json'],
    [
      'says something twice',
      '{"id": "a/both", "id": "a/c", "steps": ["a/one"]}',
      'yaml_duplicate_key',
      'compositions/a/both.json',
    ],
    ['breaks a rule', '{"id": "a/both",\n"steps": []}', 'field_invalid', 'compositions/a/both.json'],
    [
      'names another skill',
      '{"id": "a/one", "steps": ["a/one"]}',
      'path_mismatch',
      'compositions/a/both.json',
    ],
    ['is too large', `{"id": "a/both"${' '.repeat(70_000)}}`, 'yaml_too_large', 'compositions/a/both.json'],
  ])('are no skills where the file %s', async (_, text, rule, file) => {
    const root = aRoot({
      'metadata/a/both.yaml': aComposedManifest('a/both'),
      'metadata/a/one.yaml': aManifest('a/one'),
      ...(text === undefined ? {} : { 'compositions/a/both.json': text }),
    });
    const catalogs = openCatalog(root);
    const { skills, findings } = await catalogs.load();
    expect([...skills.keys()]).toEqual(['a/one']);
    expect(findings).toMatchObject([{ severity: 'error', rule, file }]);
    expect(await catalogs.find(parseSkillId('a/both'))).toBeUndefined();
  });

  test('are reported where no manifest goes with them', async () => {
    const root = aRoot({
      'metadata/a/both.yaml': aManifest('a/both'),
      'compositions/a/both.json': STEPS,
      'compositions/a/broken.json': '[',
    });
    const { skills, findings } = await openCatalog(root).load();
    expect(skills.get(parseSkillId('a/both'))?.composition).toBeUndefined();
    expect(findings.map(({ severity, rule, file }) => [severity, rule, file])).toEqual([
      ['warning', 'composition_unused', 'compositions/a/both.json'],
      ['error', 'yaml_syntax', 'compositions/a/broken.json'],
    ]);
  });

  test('change the fingerprint, and what is found, with every edit', async () => {
    const root = aRoot({
      'metadata/a/both.yaml': aComposedManifest('a/both'),
      'compositions/a/both.json': STEPS,
    });
    const catalogs = openCatalog(root);
    const before = await catalogs.fingerprint();
    for (const step of ['a/six', 'a/two']) {
      writeFiles(root, { 'compositions/a/both.json': STEPS.replace('"a/one"', `"${step}"`) });
      expect((await catalogs.find(parseSkillId('a/both')))?.composition?.steps[0]).toBe(step);
      expect((await catalogs.load()).skills.get(parseSkillId('a/both'))?.composition?.steps[0]).toBe(step);
    }
    expect(await catalogs.fingerprint()).not.toBe(before);
  });
});

describe('fingerprint', () => {
  test('equals the version of the catalog and outlives a restart', async () => {
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one') });
    const catalogs = openCatalog(root);
    const { version } = await catalogs.load();
    expect(await catalogs.fingerprint()).toBe(version);
    expect(await openCatalog(root).fingerprint()).toBe(version);
  });

  test.each([
    ['edit', (root: string) => writeFiles(root, { 'metadata/a/one.yaml': aManifest('a/one', 'cost: 1') })],
    ['addition', (root: string) => writeFiles(root, { 'metadata/a/two.yaml': aManifest('a/two') })],
    ['removal', (root: string) => rmSync(join(root, 'metadata/a/one.yaml'))],
    [
      'change that hides behind an old date',
      (root: string) => {
        const file = join(root, 'metadata/a/one.yaml');
        writeFileSync(file, aManifest('a/one').replace('one', 'ONE'));
        utimesSync(file, 0, 0);
      },
    ],
  ])('changes with every %s', async (_, change) => {
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one') });
    const catalogs = openCatalog(root);
    const before = await catalogs.fingerprint();
    change(root);
    expect(await catalogs.fingerprint()).not.toBe(before);
  });
});

describe('find', () => {
  test.each([
    ['at the path of its id', 'metadata/a/one.yaml'],
    ['in the other spelling', 'metadata/a/one.yml'],
    ['anywhere else', 'metadata/elsewhere.yaml'],
  ])('finds a skill %s', async (_, file) => {
    const root = aRoot({ [file]: aManifest('a/one'), 'metadata/a/broken.yaml': 'id: [' });
    expect(await openCatalog(root).find(parseSkillId('a/one'))).toMatchObject({ id: 'a/one', file });
  });

  test('finds none where the file is broken or names another skill', async () => {
    const root = aRoot({ 'metadata/a/one.yaml': 'id: [', 'metadata/a/two.yaml': aManifest('a/three') });
    const catalogs = openCatalog(root);
    expect(await catalogs.find(parseSkillId('a/one'))).toBeUndefined();
    expect(await catalogs.find(parseSkillId('a/two'))).toBeUndefined();
    expect(await catalogs.find(parseSkillId('a/three'))).toMatchObject({ file: 'metadata/a/two.yaml' });
  });

  test('does not enter a folder that is a link', async () => {
    const outside = aRoot({ 'one.yaml': aManifest('a/one') });
    const root = aRoot({ 'metadata/b/two.yaml': aManifest('b/two') });
    symlinkSync(outside, join(root, 'metadata/a'));
    expect(await openCatalog(root).find(parseSkillId('a/one'))).toBeUndefined();
  });
});

describe('locateFields', () => {
  test('tells the line of a field, and nothing of a file that is not read', () => {
    const root = aRoot({ 'metadata/a/one.yaml': aManifest('a/one', 'cost: 1'), 'metadata/b.yaml': 'x: [' });
    expect(locateFields(root, 'metadata/a/one.yaml')?.(['cost'])).toBe(6);
    expect(locateFields(root, 'metadata/b.yaml')).toBeUndefined();
    expect(locateFields(root, 'metadata/none.yaml')).toBeUndefined();
  });
});
