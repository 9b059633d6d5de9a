import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runCli } from '../support/run-cli.ts';
import type { CliResult } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { aManifest, writeFiles } from '../support/write-files.ts';

const CASES = [
  { input: 'a', expected: 'echo a' },
  { input: 'b\u001b[31m', expected: 'echo c' },
];

let root: string;

beforeAll(() => {
  root = tempFolder();
  const code = 'export const run = (text: string) => `echo ${text}`;\n';
  writeFiles(root, {
    'metadata/a/half.yaml': aManifest(
      'a/half',
      `side_effects: none\neval: ${JSON.stringify({ cases: CASES })}\n`,
    ),
    'metadata/a/good.yaml': aManifest(
      'a/good',
      `side_effects: none\neval: ${JSON.stringify({ cases: CASES, pass_threshold: 0.5 })}\n`,
    ),
    'metadata/a/plain.yaml': aManifest('a/plain', 'side_effects: none\nexamples: [x]\n'),
    'implementations/a/half.ts': code,
    'implementations/a/good.ts': code,
    'implementations/a/plain.ts': code,
  });
});

const skillos = (...argv: readonly string[]): Promise<CliResult> =>
  runCli([...argv, '--root', root], { env: { PATH: process.env['PATH'] ?? '' } });

describe('skillos eval', () => {
  test('prints the score and each failed case, and progress to stderr', async () => {
    const { code, stdout, stderr } = await skillos('eval', 'a/half', '--save');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^skill: a\/half\nsuccess_rate: 0\.5\npass_threshold: 1\nstatus: failed\nfailed_case: .+\neval_saved: a\/half [0-9a-f]{12}\n$/,
    );
    expect(stdout).toContain(
      'failed_case: input="b\\u001b[31m" match=equals details=expected "echo c", got "echo b\\u001b[31m"',
    );
    expect(stderr).toContain('ok   case "a"');
    expect(stderr).toContain('eval_failed: a/half passes 0.5 of its cases, expected at least 1');
    const history = await skillos('eval', 'a/half', '--history');
    expect([history.code, history.stdout]).toEqual([0, expect.stringMatching(/ 1 of 2 +0\.5 +1 /)]);
  });

  test('without an id scores all skills with cases; a threshold fails on request; JUnit holds both', async () => {
    const junit = path.join(root, 'reports/eval.xml');
    const { code, stdout } = await skillos('eval', '--fail-on-threshold', '--junit', junit, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'skillos.evals/v1',
      items: [
        { skill: 'a/good', status: 'ok', success_rate: 0.5, pass_threshold: 0.5 },
        { skill: 'a/half', status: 'failed', cases: [{ passed: true }, { passed: false }] },
      ],
    });
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain('<testsuites name="skillos" tests="4" failures="2" ');
    expect(xml).toContain('<testsuite name="a/good" tests="2" failures="1" ');
  });

  test('without an id a skill that cannot be read costs only its own score', async () => {
    const manifest = aManifest('a/broken', `side_effects: none\neval: ${JSON.stringify({ cases: CASES })}\n`);
    writeFiles(root, {
      'metadata/a/broken.yaml': manifest,
      'implementations/a/broken.ts': 'export const run = (',
    });
    const { code, stdout, stderr } = await skillos('eval');
    for (const file of ['metadata/a/broken.yaml', 'implementations/a/broken.ts'])
      rmSync(path.join(root, file));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^eval_failed: a\/broken .*\(code_invalid\)$/m);
    expect(stdout).toMatch(/skill: a\/good[^]*skill: a\/half/);
  });

  test('an invalid eval is an error of validate, and the skill runs as before', async () => {
    const broken = { 'metadata/a/off.yaml': aManifest('a/off', 'side_effects: none\neval: {cases: [{}]}\n') };
    writeFiles(root, { ...broken, 'implementations/a/off.ts': 'export const run = (x) => x;\n' });
    const [valid, listed, tested, all] = [
      await skillos('validate'),
      await skillos('skills', 'list'),
      await skillos('test', 'a/off'),
      await skillos('eval'),
    ];
    for (const file of ['metadata/a/off.yaml', 'implementations/a/off.ts']) rmSync(path.join(root, file));
    expect(valid).toMatchObject({ code: 1, stdout: expect.stringContaining('eval.cases.0.input') });
    expect([listed.stdout, listed.stderr]).toEqual([expect.stringContaining('a/off'), '']);
    expect(tested.code).toBe(0);
    expect(all.code).toBe(1);
    expect(all.stderr).toMatch(
      /^eval_failed: a\/off The eval of skill "a\/off" is invalid: .*\(manifest_invalid\)$/m,
    );
    expect(all.stdout).toMatch(/skill: a\/good[^]*skill: a\/half/);
  });

  test('without an id counts the manifests that do not load', async () => {
    writeFiles(root, { 'metadata/a/odd.yaml': 'id: [' });
    const [text, json] = [await skillos('eval'), await skillos('eval', '--json')];
    rmSync(path.join(root, 'metadata/a/odd.yaml'));
    expect(text.code).toBe(1);
    expect(text.stderr).toContain('warning: 1 manifest does not load; the reasons: skillos validate\n');
    expect(JSON.parse(json.stdout)).toMatchObject({ unreadable: 1, items: [{}, {}] });
  });

  test('refuses a skill without cases', async () => {
    const { code, stdout, stderr } = await skillos('eval', 'a/plain');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('(eval_not_configured)');
  });

  test.each([
    [['--history']],
    [['a/half', '--history', '--save']],
    [['a/half', '--history', '--junit', 'x.xml']],
    [['half']],
  ])('refuses %j', async (argv) => {
    expect(await skillos('eval', ...argv)).toMatchObject({ code: 2, stdout: '' });
  });
});

test('skillos test writes JUnit', async () => {
  const junit = path.join(root, 'reports/test.xml');
  expect(await skillos('test', 'a/plain', '--junit', junit)).toMatchObject({ code: 0 });
  expect(readFileSync(junit, 'utf8')).toContain('<testcase classname="a/plain" name="example x"/>');
});
