import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { loadJsonSchemas } from '../../../adapters/preparing/json-schema.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import { openTestBench } from '../../../adapters/testing/test-bench.ts';
import type { Actor } from '../../../client/audit/authorize.ts';
import { readContent } from '../../../client/skills/skill-content.ts';
import { findReport, testSkill } from '../../../client/skills/skill-tests.ts';
import type { TestPorts, Tested } from '../../../client/skills/skill-tests.ts';
import { compositionSchema } from '../../../core/skills/composition.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

function aRoot(files: Readonly<Record<string, string>>) {
  const root = tempFolder();
  writeFiles(root, files);
  return root;
}

/** Tests a skill as the command does; `coverage` is what it wrote. */
async function tried(
  root: string,
  id: string,
  { payload, inPlace = false, actor = ANN }: { payload?: string; inPlace?: boolean; actor?: Actor } = {},
): Promise<Tested & { readonly ports: TestPorts; readonly written: Record<string, unknown> }> {
  const coveragePath = path.join(root, 'coverage/out.json');
  const config = { skillProcesses: 2, skillMemoryMb: 256, parallelLimit: 4, sandbox: 'packages' } as const;
  const bench = await openTestBench({ root, config, environment: process.env, coveragePath });
  const ports: TestPorts = {
    bench,
    catalogs: openCatalog(root),
    code: openSkillCode({ root, storeDir: bundleFolder(root) }),
    records: memoryRecords(),
    journal: memoryJournal(),
    loadSchemas: loadJsonSchemas,
    now: () => Date.parse('2026-01-02T03:04:05Z'),
  };
  try {
    const tested = await testSkill(ports, actor, { id: parseSkillId(id), payload, inPlace });
    const written = JSON.parse(readFileSync(coveragePath, 'utf8')) as Record<string, unknown>;
    return { ...tested, ports, written };
  } finally {
    await bench.close();
  }
}

const ANN: Actor = { rights: aRights(), way: 'cli' };

const ECHO =
  "export const run = (text) => {\n  if (text === 'bad') throw new Error('it was bad');\n  return `echo ${text}`;\n};\n";

function echo(manifest = ''): Record<string, string> {
  return { 'metadata/a/echo.yaml': aManifest('a/echo', manifest), 'implementations/a/echo.ts': ECHO };
}

/** A skill that calls a connector with a secret. */
const WEATHER = {
  'metadata/a/weather.yaml': aManifest(
    'a/weather',
    'connectors: [weather, db]\nsecrets: [API_KEY]\nexamples: [Rome]',
  ),
  'implementations/a/weather.ts': `export async function run(city, ctx) {
    const query = { city, key: ctx.secrets.API_KEY };
    const { body } = await ctx.connectors.weather.request({ path: '/today', query }).catch(({ code }) => ({ body: code }));
    return [body, (await ctx.connectors.db.query('select 1')).row_count];
  }`,
};

const ANSWERED = {
  connector: 'weather',
  operation: 'request',
  args: { path: '/today', query: { city: 'Rome', key: '[REDACTED]' } },
  value: { status: 200, headers: {}, body: 'sunny' },
};

const RECORDING = {
  schema: 'skillos.recording/v1',
  skill: 'a/echo',
  run: 'a.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV',
  at: '2001-02-03T04:05:06.000Z',
  input: 'x',
  exchanges: [],
  output: 'echo x',
};

const recorded = (fields: object = {}) => ({
  'tests/fixtures/a/echo/one.json': JSON.stringify({ ...RECORDING, ...fields }),
});

describe('testSkill with connectors', () => {
  const mocked = { mocked: true, method: 'GET', path: '/today' };
  const failing = {
    connector: 'weather',
    operation: 'request',
    error: { code: 'connector_timeout', message: 'slow' },
  };

  test.each([
    ['something empty by default', {}, [mocked, 0]],
    ['what the author wrote', { answers: [ANSWERED] }, ['sunny', 0]],
    ['failures', { answers: [failing] }, ['connector_timeout', 0]],
  ])('answers with %s', async (_, { answers }: { answers?: readonly object[] }, expected) => {
    const file = { 'tests/fixtures/a/weather.connectors.json': JSON.stringify(answers) };
    const root = aRoot({ ...WEATHER, ...(answers && file) });
    expect(await tried(root, 'a/weather', { payload: 'Rome' })).toMatchObject({
      report: { passed: true },
      output: expected,
    });
  });

  test('a call that nothing answers fails the test', async () => {
    const file = 'tests/fixtures/a/weather.connectors.json';
    const answers = JSON.stringify([{ ...ANSWERED, connector: 'db' }]);
    const { report } = await tried(aRoot({ ...WEATHER, [file]: answers }), 'a/weather');
    expect(report.results).toEqual([
      {
        kind: 'example',
        name: 'Rome',
        passed: false,
        message: 'No answer is recorded for db query {"sql":"select 1","params":[]}',
      },
    ]);
  });

  test('replays a recording, whose secrets are masked', async () => {
    const counted = { connector: 'db', operation: 'query', value: { rows: [], row_count: 7 } };
    const recording = { ...RECORDING, skill: 'a/weather', input: 'Rome', output: ['sunny', 7] };
    const replayed = async (calls: readonly object[]) => {
      const text = JSON.stringify({ ...recording, calls });
      const { report } = await tried(
        aRoot({ ...WEATHER, 'tests/fixtures/a/weather/one.json': text }),
        'a/weather',
      );
      return report.results.filter(({ kind }) => kind === 'recording').map(({ passed }) => passed);
    };
    expect(await replayed([ANSWERED, counted])).toEqual([true]);
    expect(await replayed([ANSWERED])).toEqual([false]);
  });

  test.each([
    ['not JSON', '['],
    ['an answer of nothing', JSON.stringify([{ ...ANSWERED, value: undefined }])],
    ['an unknown operation', JSON.stringify([{ ...ANSWERED, operation: 'fetch' }])],
  ])('refuses answers that are %s', async (_, text) => {
    const root = aRoot({ ...WEATHER, 'tests/fixtures/a/weather.connectors.json': text });
    await expect(tried(root, 'a/weather')).rejects.toMatchObject({
      code: 'recording_invalid',
      message: expect.stringContaining('tests/fixtures/a/weather.connectors.json'),
    });
  });
});

describe('testSkill', () => {
  test('runs each example and says why one failed', async () => {
    const { report } = await tried(aRoot(echo('examples: [good, bad]')), 'a/echo');
    expect(report).toMatchObject({
      skill: 'a/echo',
      passed: false,
      at: '2026-01-02T03:04:05.000Z',
      by: 'ann',
    });
    expect(report.results).toEqual([
      { kind: 'example', name: 'good', passed: true },
      { kind: 'example', name: 'bad', passed: false, message: expect.stringContaining('it was bad') },
    ]);
  });

  test('gives what came of a payload, and which lines were executed', async () => {
    const { report, output, written } = await tried(aRoot(echo()), 'a/echo', { payload: 'bad' });
    expect([report.passed, output]).toEqual([false, undefined]);
    expect(written).toMatchObject({
      skill_id: 'a/echo',
      source_file: 'implementations/a/echo.ts',
      executed_lines: [1, 2],
      total_lines: 3,
    });
    expect(await tried(aRoot(echo()), 'a/echo', { payload: 'x' })).toMatchObject({
      report: { passed: true },
      output: 'echo x',
      written: { executed_lines: [1, 2, 3], coverage_ratio: 1 },
    });
  });

  test('counts lines of imported files for themselves', async () => {
    const root = aRoot({
      'metadata/a/two.yaml': aManifest('a/two'),
      'implementations/a/two.ts': "import { half } from './half.ts';\nexport const run = () =>\n  half(4);\n",
      'implementations/a/half.ts':
        'export const half = (n: number) => n / 2;\nexport const never = () => 0;\n',
    });
    const { written } = await tried(root, 'a/two');
    expect(written).toMatchObject({
      source_file: 'implementations/a/two.ts',
      executed_lines: [2, 3],
      total_lines: 2,
    });
  });

  test('checks what a skill returns against its outputs', async () => {
    const { report } = await tried(aRoot(echo('outputs: { type: number }')), 'a/echo');
    expect(report.results).toMatchObject([
      { passed: false, message: expect.stringMatching(/must be number/) },
    ]);
  });

  test('keeps a report for the content alone that was tested', async () => {
    const root = aRoot(echo());
    const { report, ports } = await tried(root, 'a/echo');
    const before = await readContent(ports, parseSkillId('a/echo'));
    expect(await findReport(ports, before)).toEqual(report);
    writeFiles(root, { 'implementations/a/echo.ts': ECHO.replace('echo $', 'Echo $') });
    const after = await readContent(ports, parseSkillId('a/echo'));
    expect(await findReport(ports, after)).toBeUndefined();
  });

  test('answers HTTP, refuses other connections, and has a home of its own', async () => {
    const root = aRoot({
      'metadata/a/net.yaml': aManifest('a/net'),
      'implementations/a/net.ts': `import net from 'node:net';
        import { existsSync, writeFileSync } from 'node:fs';
        import { homedir } from 'node:os';
        export const run = async () => {
          const reply = await (await fetch('https://api.test/x')).json();
          const refused = await new Promise((resolve) => net.connect(80, '127.0.0.1').on('error', (e) => resolve(e.message)));
          writeFileSync(homedir() + '/left-behind', 'x');
          return { reply, refused, home: homedir() };
        };`,
    });
    const { output } = await tried(root, 'a/net', { payload: 'ok' });
    expect(output).toEqual({
      reply: { mocked: true, method: 'GET', url: 'https://api.test/x' },
      refused: expect.stringContaining('A test is offline'),
      home: expect.stringMatching(/skillos-test-/),
    });
    expect(existsSync((output as { home: string }).home)).toBe(false);
  });

  test('calls nothing that destroys with what nobody chose', async () => {
    const root = aRoot(echo('side_effects: destructive\nexamples: [all]'));
    await expect(tried(root, 'a/echo')).rejects.toMatchObject({ code: 'usage' });
    expect((await tried(root, 'a/echo', { payload: 'x' })).report.passed).toBe(true);
  });

  test.each([
    [
      'permission_denied',
      'a/echo',
      { rights: aRights({ file: parsePermissionFile('{"roles":{},"policies":[]}') }), way: 'cli' as const },
    ],
    ['unknown_skill', 'a/none', ANN],
    ['code_invalid', 'a/broken', ANN],
  ])('rejects with %s', async (code, id, actor) => {
    const root = aRoot({
      ...echo(),
      'metadata/a/broken.yaml': aManifest('a/broken'),
      'implementations/a/broken.ts': 'export const run = (',
    });
    await expect(tried(root, id, { actor })).rejects.toMatchObject({ code });
  });
});

describe('recorded runs', () => {
  test('pass where the output is the same', async () => {
    const { report } = await tried(aRoot({ ...echo('examples: []'), ...recorded() }), 'a/echo');
    expect(report.results).toEqual([{ kind: 'recording', name: RECORDING.run, passed: true }]);
  });

  test('fail where it differs, and say where', async () => {
    const { report } = await tried(aRoot({ ...echo(), ...recorded({ output: 'echo y' }) }), 'a/echo');
    expect(report.results).toMatchObject([
      { passed: false, message: 'The output differs from the recorded one\n-"echo y"\n+"echo x"' },
    ]);
  });

  test('hear what was said then, at the time of then', async () => {
    const root = aRoot({
      'metadata/a/echo.yaml': aManifest('a/echo'),
      'implementations/a/echo.ts':
        "export const run = async () => `${await (await fetch('https://a.test/')).text()} ${new Date().getFullYear()}`;",
      ...recorded({
        exchanges: [
          {
            request: { method: 'get', url: 'https://a.test/' },
            response: { status: 200, headers: {}, body: 'sunny' },
          },
        ],
        output: 'sunny 2001',
      }),
    });
    expect((await tried(root, 'a/echo')).report).toMatchObject({
      passed: true,
      results: [{ kind: 'recording' }],
    });
  });

  test.each([
    ['no JSON', '{', 'expected JSON'],
    ['a field missing', JSON.stringify({ ...RECORDING, run: undefined }), 'run: '],
    ['another skill', JSON.stringify({ ...RECORDING, skill: 'a/b' }), 'skill: expected "a/echo"'],
  ])('are refused with %s', async (_, text, message) => {
    const root = aRoot({ ...echo(), 'tests/fixtures/a/echo/one.json': text });
    await expect(tried(root, 'a/echo')).rejects.toMatchObject({
      code: 'recording_invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('test files', () => {
  const TEST = (expected: string) => `import assert from 'node:assert/strict';
    import { test } from 'node:test';
    import { run } from '../../implementations/a/echo.ts';
    const text: string = 'x';
    test('echoes', () => assert.equal(run(text), '${expected}'));
    test('is offline', async () => assert.equal((await (await fetch('https://a.test')).json()).mocked, true));`;

  test('count, in TypeScript too, with the lines they execute', async () => {
    const root = aRoot({ ...echo('side_effects: destructive'), 'tests/a/echo.test.ts': TEST('echo x') });
    const { report, written } = await tried(root, 'a/echo');
    expect(report.results).toEqual([{ kind: 'test file', name: 'tests/a/echo.test.ts', passed: true }]);
    expect(written).toMatchObject({ source_file: 'implementations/a/echo.ts', executed_lines: [1, 2, 3] });
  });

  test.each([
    [
      'its assertion fails, with place and difference',
      TEST('Echo x'),
      "failed: echoes (tests/a/echo.test.mjs:5:33)\nExpected values to be strictly equal:\n+ actual - expected\n\n+ 'echo x'\n- 'Echo x'",
    ],
    [
      'only one of a group does',
      "import { describe, test } from 'node:test';\ndescribe('all', () => {\n  test('# one', () => { throw new Error('n: o'); });\n});",
      'failed: \\# one (tests/a/echo.test.mjs:3:31)\nn: o',
    ],
    ['it does not compile', 'import {', 'tests/a/echo.test.mjs:1:'],
    ['it throws at once', "throw new Error('no such luck');", 'no such luck'],
  ])('fail where %s', async (_, text, message) => {
    const { report } = await tried(
      aRoot({ ...echo(), 'tests/a/echo.test.mjs': text.replace(': string', '') }),
      'a/echo',
    );
    expect(report.passed).toBe(false);
    expect(report.results.at(-1)).toMatchObject({ passed: false, message: expect.stringContaining(message) });
  });
});

describe('a skill with side effects', () => {
  const files = {
    'metadata/a/note.yaml': aManifest('a/note', 'examples: [ok]\n'),
    'implementations/a/note.ts': `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
export const run = (text: string) => {
  appendFileSync('data/notes.txt', text);
  return [readFileSync('data/notes.txt', 'utf8'), ...['data/linked', 'secrets', 'node_modules/x'].map(existsSync)];
};
`,
    'data/notes.txt': 'old ',
    'secrets/.env': 'A=b',
    'node_modules/x/index.js': '',
  };

  test('changes a copy of the root, without secrets and what links lead to', async () => {
    const root = aRoot(files);
    symlinkSync(path.join(tempFolder(), '.'), path.join(root, 'data/linked'));
    const { output, report } = await tried(root, 'a/note', { payload: 'new' });
    expect([report.passed, output]).toEqual([true, ['old new', false, false, true]]);
    expect(readFileSync(path.join(root, 'data/notes.txt'), 'utf8')).toBe('old ');
  });

  test('changes the root itself on request', async () => {
    const root = aRoot(files);
    await tried(root, 'a/note', { payload: 'new', inPlace: true });
    expect(readFileSync(path.join(root, 'data/notes.txt'), 'utf8')).toBe('old new');
  });
});

describe('compositions', () => {
  const composed = (steps: unknown, manifest = '') => ({
    ...echo(),
    'metadata/a/upper.yaml': aManifest('a/upper'),
    'implementations/a/upper.ts': 'export const run = (text: string) => text.toUpperCase();',
    'metadata/c/both.yaml': aManifest('c/both', manifest).replace(
      /entrypoint: .*/,
      'entrypoint: skillos.composition:run_composed_skill',
    ),
    'compositions/c/both.json': JSON.stringify(compositionSchema.parse({ id: 'c/both', steps })),
  });

  test('run their steps, groups at once, before they are active', async () => {
    const root = aRoot(composed(['a/echo', ['a/upper', 'a/echo']]));
    const { output, written } = await tried(root, 'c/both', { payload: 'x' });
    expect(output).toBe('ECHO X\necho echo x');
    expect(written).toMatchObject({
      skill_id: 'c/both',
      coverage_ratio: 1,
      skills: [{ skill_id: 'a/echo' }, { skill_id: 'a/upper' }],
    });
  });

  test('fail with the step that fails, and with outputs that are not as the manifest says', async () => {
    const failing = await tried(aRoot(composed(['a/upper', 'a/echo'])), 'c/both', { payload: 'bad' });
    expect(failing.report.passed).toBe(true); // BAD is not bad
    const bad = await tried(aRoot(composed(['a/echo'])), 'c/both', { payload: 'bad' });
    expect(bad.report.results).toMatchObject([
      { passed: false, message: expect.stringContaining('it was bad') },
    ]);
    const root = aRoot(composed(['a/echo'], 'outputs: { type: number }'));
    const mismatch = await tried(root, 'c/both', { payload: 'x' });
    expect(mismatch.report.results).toMatchObject([
      { passed: false, message: 'Invalid output : must be number' },
    ]);
  });

  test('get another report when a skill of theirs changes', async () => {
    const root = aRoot(composed(['a/echo', 'a/upper']));
    const { ports, report } = await tried(root, 'c/both');
    expect(await findReport(ports, await readContent(ports, parseSkillId('c/both')))).toEqual(report);
    writeFiles(root, { 'implementations/a/upper.ts': 'export const run = (text: string) => text;' });
    expect(await findReport(ports, await readContent(ports, parseSkillId('c/both')))).toBeUndefined();
  });
});
