import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MARKETPLACE, aPackage } from '../support/marketplace-fixtures.ts';
import { runCli } from '../support/run-cli.ts';
import { skillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const CODE = 'export const run = (payload) => payload;\n';

function codeOf(...ids: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(ids.map((id) => [`implementations/${id}.js`, CODE]));
}

function aRoot(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const root = tempFolder();
  writeFiles(root, files);
  return root;
}

describe('init', () => {
  test('makes a root that validates, and says what to do next', async () => {
    const root = join(tempFolder(), 'my-skills');
    const made = await skillos(['init', root]);
    expect(made).toMatchObject({ code: 0, stdout: `Created ${root}\n` });
    expect(made.stderr).toContain(
      `skillos run-skill text/count_words --payload "How long is this?" --root ${root}`,
    );
    expect(made.stderr).toContain('skillos test');
    expect(await skillos(['validate', '--root', root])).toMatchObject({
      code: 0,
      stdout: 'validation_ok\n',
      stderr: '',
    });
  });

  test('refuses a folder that is not empty', async () => {
    const root = aRoot({ 'notes.txt': 'mine' });
    const { code, stdout, stderr } = await skillos(['init', root]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('is not empty: it holds "notes.txt"');
    expect(readdirSync(root)).toEqual(['notes.txt']);
  });

  test('lists its files as JSON', async () => {
    const { stdout } = await skillos(['init', join(tempFolder(), 'x'), '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.init/v1',
      files: expect.arrayContaining(['skillos.d.ts']),
    });
  });
});

describe('types', () => {
  test('writes the file, checks it, and changes nothing that is current', async () => {
    const root = aRoot({ 'connectors/weather.yaml': 'id: weather\nbase_url: https://api.example.com\n' });
    expect(await skillos(['types', '--check', '--root', root])).toMatchObject({
      code: 1,
      stdout: 'types_outdated: skillos.d.ts\n',
    });
    expect(readdirSync(root)).toEqual(['connectors']);
    expect(await skillos(['types', '--root', root])).toMatchObject({
      code: 0,
      stdout: 'types_written: skillos.d.ts\n',
    });
    expect(readFileSync(join(root, 'skillos.d.ts'), 'utf8')).toContain('readonly "weather": HttpConnector;');
    const checked = await skillos(['types', '--check', '--json', '--root', root]);
    expect([checked.code, JSON.parse(checked.stdout)]).toEqual([
      0,
      { schema: 'skillos.types/v1', file: 'skillos.d.ts', outcome: 'current' },
    ]);
  });
});

describe('add-skill', () => {
  test.each(['travel/find_trains', 'travel.find_trains'])('creates %s', async (id) => {
    const root = aRoot();
    const { code, stdout, stderr } = await skillos(['add-skill', id, '--root', root]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      'Created metadata/travel/find_trains.yaml and implementations/travel/find_trains.ts\n',
    );
    expect(stderr).toContain(`skillos run-skill travel/find_trains --root ${root}`);
  });

  test('takes name, description and tags', async () => {
    const root = aRoot();
    await skillos([
      'add-skill',
      'a/b',
      '--root',
      root,
      '--name',
      'My skill',
      '--description',
      'Does: it',
      '--tag',
      'x',
      '--tag',
      'y',
    ]);
    const { stdout } = await skillos(['skills', 'show', 'a/b', '--root', root, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'My skill', description: 'Does: it', tags: ['x', 'y'] });
  });

  test.each([
    'trains',
    '/trains',
    'travel/',
    'a/b/c',
    'a/../../x',
    '../x',
    'a/..',
    'a/./b',
    'Travel/Trains',
    'a/b\n',
    'a/-x',
    `a/${'x'.repeat(64)}`,
    'путь/имя',
  ])('refuses the id %j by its rule, and writes nothing', async (id) => {
    const root = aRoot();
    const { code, stdout, stderr } = await skillos(['add-skill', id, '--root', root]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('expected domain/name');
    expect(readdirSync(root)).toEqual([]);
  });

  test('refuses to overwrite', async () => {
    const root = aRoot({ 'metadata/a/b.yaml': aManifest('a/b') });
    expect(await skillos(['add-skill', 'a/b', '--root', root])).toMatchObject({ code: 1, stdout: '' });
    expect(readFileSync(join(root, 'metadata/a/b.yaml'), 'utf8')).toBe(aManifest('a/b'));
  });

  test('refuses a folder that is a link out of the root', async () => {
    const [root, outside] = [aRoot(), tempFolder()];
    mkdirSync(join(root, 'implementations'));
    symlinkSync(outside, join(root, 'implementations/a'));
    const { code, stderr } = await skillos(['add-skill', 'a/b', '--root', root]);
    expect(code).toBe(2);
    expect(stderr).toContain('leads out of its root folder');
    expect([readdirSync(outside), readdirSync(root)]).toEqual([[], ['implementations']]);
  });

  test('names a missing root as it was typed', async () => {
    const { code, stderr } = await skillos(['add-skill', 'a/b', '--root', './no-such-root']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'Skills root "./no-such-root" not found: expected a folder (root_not_found)\nhint: ',
    );
  });
});

describe('validate', () => {
  test('lists errors and warnings with file, line and field', async () => {
    const root = aRoot({
      'metadata/a/good.yaml': aManifest('a/good', 'replacement_id: a/none\n'),
      'metadata/a/bad.yaml': aManifest('a/bad').replace('1.0.0', '"1"'),
      'metadata/a/dup.yaml': `${aManifest('a/dup')}name: again\n`,
      'metadata/a/pattern.yaml': aManifest('a/pattern', "inputs:\n  pattern: '^(a+)+$'\n"),
      'metadata/a/schema.yaml': aManifest('a/schema', 'inputs:\n  typ: string\n'),
      'metadata/a/extra.yaml': aManifest('a/extra', 'execution_mode: local\n'),
      'metadata/a/items.yaml': aManifest('a/items', 'inputs: {type: array, items: {default: 1}}\n'),
      ...codeOf('a/good', 'a/pattern', 'a/schema', 'a/extra', 'a/items'),
    });
    expect(await skillos(['validate', '--root', root])).toMatchObject({
      code: 1,
      stderr: '',
      stdout: `invalid_skill: a/bad metadata metadata/a/bad.yaml:4 version: expected a semantic version such as 1.0.0, got "1"
invalid_skill: unknown metadata metadata/a/dup.yaml:6 yaml_duplicate_key: duplicated mapping key
warning: a/extra metadata metadata/a/extra.yaml:6 execution_mode: unknown field
warning: a/good metadata metadata/a/good.yaml:6 replacement_id: there is no skill "a/none"
warning: a/items metadata metadata/a/items.yaml:6 inputs: only a default of a property of the input is applied, and the schema has another
invalid_skill: a/pattern metadata metadata/a/pattern.yaml:6 inputs: pattern "^(a+)+$" can take exponential time: expected no repetition within a repetition of the same text
invalid_skill: a/schema metadata metadata/a/schema.yaml:6 inputs: unknown keyword: "typ"
validation_failed
`,
    });
  });

  test('lists a policy file that breaks a rule', async () => {
    const root = aRoot({
      'policies/permission_policies.json': '{"polices": []}',
      'policies/approval_policies.json': '{',
    });
    expect(await skillos(['validate', '--root', root])).toMatchObject({
      code: 1,
      stderr: '',
      stdout: `invalid_policy: policies/approval_policies.json: is not JSON; nothing is allowed until the file is corrected
invalid_policy: policies/permission_policies.json: unknown field "polices"; nothing is allowed until the file is corrected
validation_failed
`,
    });
  });

  test('lists triggers that are not valid, and keys', async () => {
    const triggers = [
      { id: 'good', skill_id: 'a/b' },
      { id: 'odd', skill_id: 'a.b', scheme: 'none' },
      { id: 'lost', skill_id: 'a/none' },
    ];
    const files = { 'metadata/a/b.yaml': aManifest('a/b'), ...codeOf('a/b') };
    const listed = aRoot({
      ...files,
      'triggers/webhooks.json': JSON.stringify({ webhooks: triggers }, null, 1),
      'marketplace/keys.json': '[]',
    });
    const { code, stdout } = await skillos(['validate', '--root', listed]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^invalid_keyring: "marketplace\/keys.json" is not valid: /);
    expect(stdout).toContain(`
invalid_trigger: triggers/webhooks.json trigger_skill_unknown: lost: there is no skill "a/none"
invalid_trigger: triggers/webhooks.json:10 webhooks.1.scheme: odd: scheme expected one of skillos, standard, github, stripe, slack
validation_failed
`);
    const torn = aRoot({ ...files, 'triggers/webhooks.json': '{' });
    expect(await skillos(['validate', '--root', torn])).toMatchObject({
      code: 1,
      stdout: 'invalid_triggers: Invalid triggers/webhooks.json: it is not JSON\nvalidation_failed\n',
    });
  });

  test('is content with warnings', async () => {
    const manifest = aManifest('a/b', 'execution_mode: local\n');
    const root = aRoot({ 'metadata/a/b.yaml': manifest, ...codeOf('a/b') });
    const { code, stdout } = await skillos(['validate', '--root', root]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning: .*\nvalidation_ok\n$/);
  });

  test('says the same as JSON', async () => {
    const root = aRoot({
      'metadata/a/b.yaml': 'id: [',
      'metadata/a/c.yaml': aManifest('a/c'),
      ...codeOf('a/c'),
    });
    const { code, stdout } = await skillos(['validate', '--root', root, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.validation/v1',
      valid: false,
      skills: 1,
      errors: 1,
      warnings: 0,
      items: [{ severity: 'error', rule: 'yaml_syntax', file: 'metadata/a/b.yaml' }],
    });
  });

  test('prints file names that a terminal would obey as escapes', async () => {
    const root = aRoot({ 'metadata/a/\u001b[2Jx.yaml': 'id: [' });
    const { stdout } = await skillos(['validate', '--root', root]);
    expect(stdout).toContain('metadata/a/\\u001b[2Jx.yaml');
  });

  test('finds code that cannot run, and runs and writes nothing', async () => {
    const outside = aRoot({ 'elsewhere.js': CODE });
    const root = aRoot({
      ...Object.fromEntries(
        ['good', 'missing', 'typo', 'named', 'linked', 'package', 'moved'].map((name) => [
          `metadata/a/${name}.yaml`,
          aManifest(`a/${name}`),
        ]),
      ),
      'implementations/a/good.js': `process.exit(3);\n${CODE}`,
      'implementations/a/typo.ts': 'export const run = (=> 1;',
      'implementations/a/named.js': 'export const main = () => 1;',
      'implementations/a/package.js': `import 'left-pad';\n${CODE}`,
      'lib/moved.js': CODE,
    });
    symlinkSync(join(outside, 'elsewhere.js'), join(root, 'implementations/a/linked.js'));
    symlinkSync('../../lib/moved.js', join(root, 'implementations/a/moved.js'));
    const before = readdirSync(root, { recursive: true });
    const { code, stdout, stderr } = await skillos(['validate', '--root', root]);
    expect([code, stderr]).toEqual([1, '']);
    const problem = (name: string, text: string) =>
      expect.stringMatching(
        `^invalid_skill: a/${name} entrypoint metadata/a/${name}.yaml:5 entrypoint: .*${text}`,
      ) as string;
    expect(stdout.trimEnd().split('\n')).toEqual([
      problem('linked', 'leads out of its root folder'),
      problem('missing', 'names no file: expected implementations/a/missing.ts'),
      problem('moved', 'leads out of implementations/ by a symbolic link'),
      problem('named', 'to export "run" as an ES module: it exports "main"'),
      problem('package', 'implementations/a/package.js:1:8: Could not resolve "left-pad"'),
      problem('typo', 'implementations/a/typo.ts:1:21: '),
      'validation_failed',
    ]);
    expect(readdirSync(root, { recursive: true })).toEqual(before);
  });

  test('loads the code of each skill on request', async () => {
    const root = aRoot({
      'metadata/a/good.yaml': aManifest('a/good'),
      'implementations/a/good.js': CODE,
      'metadata/a/missing.yaml': aManifest('a/missing'),
      'metadata/a/exits.yaml': aManifest('a/exits'),
      'implementations/a/exits.js': `process.exit(3);\n${CODE}`,
      'metadata/a/typo.yaml': aManifest('a/typo'),
      'implementations/a/typo.ts': 'export const run = (=> 1;',
    });
    const { code, stdout } = await skillos(['validate', '--check-entrypoints', '--root', root]);
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^invalid_skill: a\/exits entrypoint metadata\/a\/exits.yaml:5 entrypoint: /),
      expect.stringMatching(/^invalid_skill: a\/missing entrypoint metadata\/a\/missing.yaml:5 entrypoint: /),
      expect.stringMatching(
        /^invalid_skill: a\/typo entrypoint metadata\/a\/typo.yaml:5 entrypoint: .*implementations\/a\/typo.ts:1:/,
      ),
      'validation_failed',
    ]);
  });
});

describe('sync-meta', () => {
  const ZOD = resolve(import.meta.dirname, '../../node_modules/zod');

  test('writes what the code exports, and finds nothing to write afterwards', async () => {
    const root = aRoot({
      'metadata/a/b.yaml': `${aManifest('a/b')}# kept\n`,
      'implementations/a/b.ts': `import * as z from 'zod';
export const inputs = z.object({ sum: z.number().min(1), note: z.string().optional() });
export const outputs = z.string();
export const run = (given: z.infer<typeof inputs>): string => \`\${given.sum}\`;
`,
      'metadata/a/c.yaml': aManifest('a/c'),
      'implementations/a/c.ts': 'process.exit(3); export const run = 1;',
    });
    cpSync(ZOD, join(root, 'node_modules/zod'), { recursive: true });
    const file = join(root, 'metadata/a/b.yaml');
    const differs = await skillos(['sync-meta', '--check', '--root', root]);
    expect(differs).toMatchObject({
      code: 1,
      stdout: 'meta_differs: a/b metadata/a/b.yaml inputs, outputs\n',
      stderr: '',
    });
    expect(readFileSync(file, 'utf8')).toBe(`${aManifest('a/b')}# kept\n`);
    const written = await skillos(['sync-meta', 'a/b', '--root', root]);
    expect(written).toMatchObject({
      code: 0,
      stdout: 'meta_written: a/b metadata/a/b.yaml inputs, outputs\n',
    });
    expect(readFileSync(file, 'utf8')).toBe(`${aManifest('a/b')}inputs:
  type: object
  properties:
    sum:
      type: number
      minimum: 1
    note:
      type: string
  required:
    - sum
outputs:
  type: string
# kept
`);
    expect(await skillos(['sync-meta', '--check', '--root', root])).toMatchObject({
      code: 0,
      stdout: 'meta_in_sync\n',
    });
  });

  test('names code that does not load, and writes nothing for it', async () => {
    const root = aRoot({
      'metadata/a/b.yaml': aManifest('a/b'),
      'implementations/a/b.ts': "throw new Error('at load'); export const inputs = 1, run = () => 1;",
    });
    expect(await skillos(['sync-meta', '--root', root])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^invalid_skill: a\/b entrypoint .*at load.* \(skill_failed\)\n$/,
      ) as string,
    });
    expect(readFileSync(join(root, 'metadata/a/b.yaml'), 'utf8')).toBe(aManifest('a/b'));
  });

  test('compares what a package exports in the sandbox, and never changes its manifest', async () => {
    const root = aRoot({ 'marketplace/keys.json': readFileSync(join(MARKETPLACE, 'keys.json')) });
    const typed = (id: string, exported: string) =>
      aPackage(id, {
        code: `export const inputs = { '~standard': { jsonSchema: { input: () => ({ type: '${exported}' }) } } };
export const run = (): string => 'done';
`,
        manifest: { inputs: { type: 'string' } },
      });
    const catalog = join(root, 'catalog.json');
    writeFiles(root, {
      'catalog.json': JSON.stringify([typed('community/same', 'string'), typed('community/other', 'object')]),
    });
    for (const id of ['community/same', 'community/other']) {
      const install = ['marketplace', 'install', id, '--catalog', catalog, '--yes', '--root', root];
      expect(await runCli(install)).toMatchObject({ code: 0 });
    }
    const file = join(root, 'metadata/community/other.yaml');
    const before = readFileSync(file, 'utf8');
    const env = { PATH: process.env['PATH'] ?? '' }; // where bubblewrap is
    expect(await skillos(['sync-meta', '--check', '--root', root], { env })).toMatchObject({
      code: 1,
      stdout: 'meta_differs: community/other metadata/community/other.yaml inputs\n',
    });
    expect(await skillos(['sync-meta', '--root', root], { env })).toMatchObject({
      code: 1,
      stdout:
        'invalid_skill: community/other entrypoint The package "community/other" exports other schemas than its signed ' +
        'manifest, which stays as it is (code_invalid)\n',
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect((await runCli(['marketplace', 'verify', '--root', root])).stdout).toBe('packages_ok: 2\n');
  });
});

describe('deprecate-skill and undeprecate-skill', () => {
  const two = { 'metadata/a/b.yaml': `${aManifest('a/b')}# kept\n`, 'metadata/a/c.yaml': aManifest('a/c') };

  test('change only their fields', async () => {
    const root = aRoot(two);
    const file = join(root, 'metadata/a/b.yaml');
    const args = ['--reason', 'old', '--replacement', 'a.c', '--root', root];
    expect(await skillos(['deprecate-skill', 'a/b', ...args])).toMatchObject({
      code: 0,
      stdout: 'skill_deprecated: a/b\n',
      stderr: '',
    });
    expect(readFileSync(file, 'utf8')).toBe(
      `${aManifest('a/b')}deprecated: true\ndeprecation_reason: old\nreplacement_id: a/c\n# kept\n`,
    );
    expect(await skillos(['undeprecate-skill', 'a.b', '--root', root])).toMatchObject({
      code: 0,
      stdout: 'skill_undeprecated: a/b\n',
    });
    expect(readFileSync(file, 'utf8')).toBe(`${aManifest('a/b')}deprecated: false\n# kept\n`);
  });

  test('leave a skill alone that is not deprecated', async () => {
    const root = aRoot(two);
    expect(await skillos(['undeprecate-skill', 'a/b', '--root', root])).toMatchObject({ code: 0 });
    expect(readFileSync(join(root, 'metadata/a/b.yaml'), 'utf8')).toBe(two['metadata/a/b.yaml']);
  });

  test.each([
    ['no reason', [], 'Expected --reason or --replacement'],
    ['an empty reason', ['--reason', ' '], 'Expected --reason or --replacement'],
    ['itself', ['--replacement', 'a/b'], 'it is the same skill'],
    ['no such skill', ['--replacement', 'a/none'], 'there is no such skill'],
    ['no id', ['--replacement', '../x'], 'expected domain/name'],
  ])('refuse %s', async (_, args, message) => {
    const root = aRoot(two);
    const { code, stdout, stderr } = await skillos(['deprecate-skill', 'a/b', ...args, '--root', root]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(readFileSync(join(root, 'metadata/a/b.yaml'), 'utf8')).toBe(two['metadata/a/b.yaml']);
  });

  test('refuse a circle', async () => {
    const root = aRoot(two);
    await skillos(['deprecate-skill', 'a/b', '--replacement', 'a/c', '--root', root]);
    const { code, stderr } = await skillos([
      'deprecate-skill',
      'a/c',
      '--replacement',
      'a/b',
      '--root',
      root,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('it is replaced by that skill itself');
  });

  test.each(['deprecate-skill', 'undeprecate-skill'])(
    '%s names an unknown and a broken skill',
    async (command) => {
      const root = aRoot({ ...two, 'metadata/a/x.yaml': 'id: [' });
      const reason = command === 'deprecate-skill' ? ['--reason', 'old'] : [];
      const unknown = await skillos([command, 'a/bb', ...reason, '--root', root]);
      expect(unknown).toMatchObject({
        code: 2,
        stderr: 'Error: Unknown skill "a/bb" (unknown_skill)\nhint: Did you mean: a/b\n',
      });
      const broken = await skillos([command, 'a/x', ...reason, '--root', root]);
      expect(broken.stderr).toContain('Skill "a/x" does not load: metadata/a/x.yaml');
    },
  );
});

describe('skills list', () => {
  const root = () =>
    aRoot({
      'metadata/a/b.yaml': aManifest('a/b', 'tags: [x]\n'),
      'metadata/a/c.yaml': aManifest('a/c', 'deprecated: true\ndeprecation_reason: old\n'),
      'metadata/a/d.yaml': 'id: [',
    });

  test('shows skills in use, and counts what does not load', async () => {
    expect(await skillos(['skills', 'list', '--root', root()])).toMatchObject({
      code: 0,
      stdout: 'SKILL  VERSION  DESCRIPTION\na/b    1.0.0    Does one thing\n',
      stderr: 'warning: 1 manifest does not load; the reasons: skillos validate\n',
    });
    const { stdout } = await skillos(['skills', 'list', '--json', '--root', root()]);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ id: 'a/b' }], unreadable: 1 });
  });

  test.each([
    [['--all'], ['a/b', 'a/c']],
    [['--tag', 'x'], ['a/b']],
    [['--tag', 'y'], []],
  ])('with %j shows %j', async (args, ids) => {
    const { stdout } = await skillos(['skills', 'list', ...args, '--root', root(), '--json']);
    expect(JSON.parse(stdout).items.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  test('says that there are none', async () => {
    expect(await skillos(['skills', 'list', '--root', aRoot()])).toMatchObject({
      code: 0,
      stdout: 'no_skills\n',
    });
  });
});

describe('skills show', () => {
  test('shows the manifest as a run would take it', async () => {
    const root = aRoot({
      'metadata/a/b.yaml': aManifest('a/b', 'timeout: 2m\nside_effects: read\ntags: [x, y]\n'),
    });
    const { stdout } = await skillos(['skills', 'show', 'a.b', '--root', root]);
    expect(stdout).toContain('tags          x, y\n');
    const { stdout: json } = await skillos(['skills', 'show', 'a/b', '--root', root, '--json']);
    expect(JSON.parse(json)).toMatchObject({
      schema: 'skillos.skill/v1',
      id: 'a/b',
      timeout_ms: 120_000,
      retry: { max_attempts: 3 },
      file: 'metadata/a/b.yaml',
    });
  });
});
