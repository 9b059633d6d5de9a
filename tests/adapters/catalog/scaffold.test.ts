import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { createFiles } from '../../../adapters/files/create-files.ts';
import { EXAMPLE_SKILL, createRoot } from '../../../adapters/catalog/root-template.ts';
import { SCHEMA_NAMES, fileSchema } from '../../../adapters/catalog/file-schemas.ts';
import { addSkill } from '../../../adapters/catalog/scaffold.ts';
import { SKILL_TYPES } from '../../../adapters/catalog/skill-types.ts';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

const ID = parseSkillId('travel/find_trains');
const PROJECT = resolve(import.meta.dirname, '../../..');
const TSC = join(PROJECT, 'node_modules/typescript/bin/tsc');

function run(args: readonly string[], cwd = PROJECT): string {
  return execFileSync(process.execPath, [...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function filesOf(root: string): readonly string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

const add = (root: string, more: object = {}) => addSkill(root, openCatalog(root), { id: ID, ...more });

describe('addSkill', () => {
  test('writes manifest, implementation and test', async () => {
    const root = tempFolder();
    expect(await add(root)).toEqual({
      manifest: 'metadata/travel/find_trains.yaml',
      implementation: 'implementations/travel/find_trains.ts',
      test: 'tests/travel/find_trains.test.mjs',
    });
    expect(readFileSync(join(root, 'metadata/travel/find_trains.yaml'), 'utf8')).toBe(`id: travel/find_trains
name: Find Trains
description: Auto-generated skill for travel/find_trains
version: 0.1.0
entrypoint: implementations.travel.find_trains:run
tags: [travel]
# What a run changes outside: none, read, write or destructive. Only none and read are retried.
side_effects: none
# What skillos eval expects of the answers.
eval:
  cases:
    - { input: ok, expected: travel/find_trains executed }
`);
    const { skills, findings } = await openCatalog(root).load();
    expect([[...skills.keys()], findings]).toEqual([[ID], []]);
  });

  test.each([
    ['Yes', 'a: b # c', ['x, y', 'true', "it's"]],
    ['123', '"quoted" and {braced}', ['!tag']],
    ['Поезда', 'first line\nsecond line', ['- dash', '*star']],
  ])('keeps the texts %j and %j and the tags %j as they are', async (name, description, tags) => {
    const root = tempFolder();
    await add(root, { name, description, tags });
    expect((await openCatalog(root).find(ID))?.manifest).toMatchObject({ name, description, tags });
  });

  test.each([
    ['an empty name', { name: ' ' }, 'name'],
    ['a name that a terminal would obey', { name: '\u001b[2J' }, 'name'],
    ['a tag without end', { tags: ['x'.repeat(5000)] }, 'tags.0'],
    ['a description larger than a manifest', { description: 'x'.repeat(100_000) }, 'description'],
  ])('refuses %s and writes nothing', async (_, more, field) => {
    const root = tempFolder();
    await expect(add(root, more)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(field),
    });
    expect(readdirSync(root)).toEqual([]);
  });

  test.each([
    'metadata/travel/find_trains.yaml',
    'metadata/travel/find_trains.yml',
    'implementations/travel/find_trains.ts',
    'implementations/travel/find_trains.mjs',
    'tests/travel/find_trains.test.mjs',
  ])('refuses to overwrite %s, and writes nothing', async (file) => {
    const root = tempFolder();
    writeFiles(root, { [file]: 'mine' });
    await expect(add(root)).rejects.toMatchObject({
      code: 'already_exists',
      message: expect.stringContaining(file),
    });
    expect(filesOf(root)).toEqual([file]);
    expect(readFileSync(join(root, file), 'utf8')).toBe('mine');
  });

  test('refuses an id that another file holds', async () => {
    const root = tempFolder();
    writeFiles(root, { 'metadata/elsewhere.yaml': aManifest(ID) });
    await expect(add(root)).rejects.toMatchObject({
      code: 'already_exists',
      message: expect.stringContaining('elsewhere'),
    });
  });

  test.each(['metadata', 'implementations', 'tests'])(
    'refuses a folder %s/travel that leads out of the root',
    async (folder) => {
      const [root, outside] = [tempFolder(), tempFolder()];
      mkdirSync(join(root, folder));
      symlinkSync(outside, join(root, folder, 'travel'));
      await expect(add(root)).rejects.toMatchObject({ code: 'path_outside_root' });
      expect([readdirSync(outside), filesOf(root)]).toEqual([[], []]);
    },
  );

  test('is done once when many ask at once, and whole', async () => {
    const root = tempFolder();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => add(root)));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(7);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['already_exists']));
    expect(filesOf(root)).toHaveLength(3);
  });
});

describe('createFiles', () => {
  test('leaves nothing behind when one of the files cannot be written', async () => {
    const root = tempFolder();
    writeFiles(root, { blocked: 'a file where a folder should be' });
    const files = ['new/deep/one', 'new/two', 'blocked/three'].map((path) => ({ path, content: 'x' }));
    await expect(createFiles(root, files)).rejects.toMatchObject({ code: expect.any(String) });
    expect(readdirSync(root)).toEqual(['blocked']);
  });
});

describe('createRoot', () => {
  test('makes a root whose skill passes its own test and its types', async () => {
    const root = join(tempFolder(), 'deep/my-skills');
    expect([...(await createRoot(root))].sort()).toEqual(filesOf(root));
    await add(root);
    expect((await openCatalog(root).load()).findings).toEqual([]);
    expect([...(await openCatalog(root).load()).skills.keys()].sort()).toEqual([EXAMPLE_SKILL, ID]);
    for (const id of [EXAMPLE_SKILL, ID]) {
      expect(run(['--import', 'tsx', '--test', join(root, `tests/${id}.test.mjs`)])).toContain('# fail 0');
    }
    writeFiles(root, {
      'implementations/text/size.ts': `import { statSync } from 'node:fs';
import { PermanentError } from 'skillos';
export const run = (file: string): number => {
  if (file === '') throw new PermanentError('no file');
  return statSync(file).size;
};
`,
    });
    symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules')); // as `npm install` would fill it
    expect(run([TSC, '--project', root])).toBe('');
  });

  test('names the schema in each manifest, which fits it', async () => {
    const root = tempFolder();
    await createRoot(root);
    await add(root);
    for (const id of [EXAMPLE_SKILL, ID]) {
      const text = readFileSync(join(root, `metadata/${id}.yaml`), 'utf8');
      const [, reference = ''] = /^# yaml-language-server: \$schema=(.*)\n/.exec(text) ?? [];
      const schema: unknown = JSON.parse(readFileSync(join(root, 'metadata/text', reference), 'utf8'));
      expect(issuesOf(schema, load(text))).toEqual([]);
    }
  });

  test('takes an empty folder, and one that holds nothing but .git', async () => {
    const root = tempFolder();
    mkdirSync(join(root, '.git'));
    await createRoot(root);
    expect(existsSync(join(root, 'tsconfig.json'))).toBe(true);
  });

  test('refuses a folder that holds something, and a file', async () => {
    const root = tempFolder();
    writeFiles(root, { 'notes.txt': 'mine' });
    await expect(createRoot(root)).rejects.toMatchObject({ code: 'already_exists' });
    await expect(createRoot(join(root, 'notes.txt'))).rejects.toMatchObject({ code: 'already_exists' });
    expect(filesOf(root)).toEqual(['notes.txt']);
  });
});

function issuesOf(schema: unknown, value: unknown): readonly string[] {
  const validate = new Ajv({ strict: false }).compile(schema as object);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('fileSchema', () => {
  const policy = { skill_id: 'a/*', approvers: 'role:cfo', when: { '/amount': { gt: 5 }, role: ['x', 'y'] } };

  test.each([
    ['policies', { $schema: 'x', policies: [policy] }],
    ['policies', [{ skill_id: 'a/b', when: { '/amount': 5 } }]],
    ['policies', { roles: { ops: 'a:b' }, policies: [{ skill_id: 'a/b', permissions: ['a:b'] }] }],
    ['triggers', { webhooks: [{ id: 'a', skill_id: 'a/b', secret: 'secret:A', scheme: 'github' }] }],
    ['connectors', { id: 'crm', base_url: 'https://a.example', auth: { type: 'bearer', token: 'secret:T' } }],
    ['connectors', { id: 'db', type: 'sql', driver: 'sqlite' }],
  ] as const)('of %s takes %j, as the parser does', (name, value) => {
    expect(issuesOf(fileSchema(name), value)).toEqual([]);
  });

  test.each([
    ['manifest', { id: 'A b' }],
    ['policies', { polices: [] }],
    ['triggers', { webhooks: [{ id: 'a', skill: 'a/b' }] }],
    ['connectors', { id: 'db', type: 'ftp' }],
  ] as const)('of %s refuses %j', (name, value) => {
    expect(issuesOf(fileSchema(name), value)).not.toEqual([]);
  });

  test.each(SCHEMA_NAMES)('of %s has a draft that editors know', (name) => {
    expect(fileSchema(name)['$schema']).toBe('http://json-schema.org/draft-07/schema#');
  });
});

describe('SKILL_TYPES', () => {
  test('declares what core/skill-api.ts exports', () => {
    const out = tempFolder();
    run([
      TSC,
      '--ignoreConfig',
      '--declaration',
      '--emitDeclarationOnly',
      '--outDir',
      out,
      '--lib',
      'es2023',
      '--types',
      'node',
      '--skipLibCheck',
      'core/skill-api.ts',
    ]);
    const emitted = readFileSync(join(out, 'skill-api.d.ts'), 'utf8')
      .replace(/^\/\*\*.*\*\/\n/, '')
      .replaceAll('export declare ', 'export ');
    const plain = (text: string) => text.replace(/\s+/g, '').replaceAll('"', "'").replaceAll(',)', ')');
    expect(plain(SKILL_TYPES)).toBe(plain(`declare module 'skillos' {${emitted}}`));
  });
});
