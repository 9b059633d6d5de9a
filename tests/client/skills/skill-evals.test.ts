import { existsSync } from 'node:fs';
import path from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { loadJsonSchemas } from '../../../adapters/preparing/json-schema.ts';
import { openSkillCode } from '../../../adapters/skill-code/bundles.ts';
import { bundleFolder } from '../../../adapters/storage/state.ts';
import { openTestBench } from '../../../adapters/testing/test-bench.ts';
import { evalSkill, listScores } from '../../../client/skills/skill-evals.ts';
import type { EvalReport, EvalResult } from '../../../core/testing/eval.ts';
import { parsePermissionFile } from '../../../core/rights/permission-file.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { aManifest, writeFiles } from '../../support/write-files.ts';

const CODE = `import { appendFileSync } from 'node:fs';
export const run = async (text) => {
  if (text === 'hang') await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  if (text === 'throw') throw new Error('it was bad');
  if (text === 'write') appendFileSync('left-behind', 'x');
  return 'echo ' + text;
};
`;

function aRoot(section: object, more = 'side_effects: none\n'): string {
  const root = tempFolder();
  writeFiles(root, {
    'metadata/a/echo.yaml': aManifest('a/echo', `${more}eval: ${JSON.stringify(section)}\n`),
    'implementations/a/echo.ts': CODE,
  });
  return root;
}

function portsOn(root: string, records = memoryRecords()) {
  return {
    catalogs: openCatalog(root),
    code: openSkillCode({ root, storeDir: bundleFolder(root) }),
    records,
    journal: memoryJournal(),
    loadSchemas: loadJsonSchemas,
    now: () => Date.parse('2026-01-02T03:04:05Z'),
  };
}

const ANN = { rights: aRights(), way: 'cli' } as const;
const ID = parseSkillId('a/echo');

async function scored(
  root: string,
  { save = false, ports = portsOn(root) } = {},
): Promise<EvalReport & { readonly told: readonly EvalResult[] }> {
  const config = { skillProcesses: 1, skillMemoryMb: 256, parallelLimit: 4, sandbox: 'packages' } as const;
  const coveragePath = path.join(root, 'coverage.json');
  const bench = await openTestBench({ root, config, environment: process.env, coveragePath });
  const told: EvalResult[] = [];
  const onResult = (result: EvalResult) => void told.push(result);
  try {
    return { ...(await evalSkill({ ...ports, bench }, ANN, { id: ID, save, onResult })), told };
  } finally {
    await bench.close();
  }
}

describe('evalSkill', () => {
  test('runs each case, and reports failures of the skill and of the expectation', async () => {
    const cases = [
      { input: 'x', expected: 'echo x' },
      { input: 'x', expected: 'echo y' },
      { input: 'throw', expected: '' },
      { input: 'x', match: 'regex', expected: '^echo (.)$' },
    ];
    const { results, score, told } = await scored(aRoot({ cases, pass_threshold: 0.4 }));
    expect(results.map(({ passed, message = '' }) => [passed, message])).toEqual([
      [true, ''],
      [false, 'expected "echo y", got "echo x"'],
      [false, expect.stringContaining('it was bad')],
      [true, ''],
    ]);
    expect(told).toEqual(results);
    expect(score).toMatchObject({ passed: 2, total: 4, success_rate: 0.5, pass_threshold: 0.4, by: 'ann' });
  });

  test('ends a case that takes too long', async () => {
    const { results } = await scored(aRoot({ cases: [{ input: 'hang', expected: '' }], timeout_seconds: 1 }));
    expect(results).toMatchObject([
      { passed: false, message: expect.stringMatching(/^Skill "a\/echo" did not return within \d+ ms$/) },
    ]);
  });

  test('ends a regular expression that takes exponential time', async () => {
    const slow = { input: `${'a'.repeat(40)}!`, match: 'regex', expected: 'echo (a+)+$' };
    const { results } = await scored(aRoot({ cases: [slow] }));
    expect(results).toMatchObject([
      { passed: false, message: 'the search for "echo (a+)+$" takes too long' },
    ]);
  });

  test('ends at the first failure with fail_fast', async () => {
    const cases = ['a', 'b', 'c'].map((input) => ({ input, expected: input === 'a' ? 'echo a' : '-' }));
    expect((await scored(aRoot({ cases, fail_fast: true }))).score).toMatchObject({ passed: 1, total: 2 });
  });

  test('leaves the root alone where the skill writes', async () => {
    const root = aRoot({ cases: [{ input: 'write', expected: 'echo write' }] }, 'side_effects: write\n');
    expect((await scored(root)).score.passed).toBe(1);
    expect(existsSync(path.join(root, 'left-behind'))).toBe(false);
  });

  test('keeps the score by the hash of the content, on request', async () => {
    const root = aRoot({ cases: [{ input: 'x', expected: 'echo x' }] });
    const ports = portsOn(root);
    await scored(root, { ports });
    expect(await listScores(ports, ANN, ID)).toEqual([]);
    const first = await scored(root, { ports, save: true });
    writeFiles(root, { 'implementations/a/echo.ts': CODE.replace("'echo '", "'ECHO '") });
    const later = portsOn(root, ports.records);
    const second = await scored(root, { ports: later, save: true });
    expect(await listScores(later, ANN, ID)).toEqual([second.score, first.score]);
    expect([first, second].map(({ score }) => score.success_rate)).toEqual([1, 0]);
    expect(first.score.digest).not.toBe(second.score.digest);
  });

  test.each([
    ['eval_not_configured', 'a/plain', ANN],
    ['unknown_skill', 'a/none', ANN],
    [
      'permission_denied',
      'a/echo',
      { rights: aRights({ file: parsePermissionFile('{"roles":{},"policies":[]}') }), way: 'cli' as const },
    ],
  ])('rejects with %s', async (code, id, actor) => {
    const root = aRoot({ cases: [{ input: 'x', expected: 'echo x' }] });
    writeFiles(root, { 'metadata/a/plain.yaml': aManifest('a/plain') });
    const ask = { id: parseSkillId(id), save: true, onResult: () => undefined };
    const ports = { ...portsOn(root), bench: undefined as never }; // nothing runs
    await expect(evalSkill(ports, actor, ask)).rejects.toMatchObject({ code });
  });
});
