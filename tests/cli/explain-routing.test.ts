import path from 'node:path';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../skills');
const run = (...args: readonly string[]) =>
  runCli(['run', 'Find flights to Sochi', '--explain', '--root', SAMPLE, ...args], {
    env: { SKILLOS_CACHE_DIR: tempFolder() },
  });

test('run --explain says in words and numbers why the skill was chosen', async () => {
  const { code, stdout } = await run();
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'travel/search_flights',
    expect.stringMatching(/^confidence: 0\.\d\d, needed: 0\.\d\d$/),
    'chosen: travel/search_flights',
  ]);
  expect(lines[3]).toMatch(/^ {2}confidence 0\.\d\d, score \d+\.\d\d$/);
  expect(stdout).toMatch(/ {2}matches "flights" \(rarity \d\.\d\d\)\n/);
  expect(stdout).toMatch(/\nalternative: /);
  expect(lines.every(({ length }) => length <= 80)).toBe(true);
});

test('run --explain --json has the same numbers', async () => {
  const { stdout } = await run('--json');
  const { routing, explanation } = JSON.parse(stdout);
  expect(explanation.candidates[0]).toMatchObject({
    skill: routing.skill,
    confidence: routing.confidence,
    weight: 1,
  });
});

test.each([['--execute'], ['--dry-run'], ['--skill=travel/search_hotels'], ['--mode=auto']])(
  'run --explain refuses %s',
  async (option) => {
    const { code, stderr } = await run(option);
    expect(code).toBe(2);
    expect(stderr).toContain('Expected --explain without --execute, --dry-run, --skill and --mode');
  },
);
