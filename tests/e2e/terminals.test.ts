/** What terminals show: screens of a new user in two sizes, and nothing of a payload, an output, an error or a log that they would obey. */
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loginName } from '../../adapters/machine/login-name.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { screenOf, startInTerminal } from '../support/pseudo-terminal.ts';
import type { TerminalSize } from '../support/pseudo-terminal.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ATTACK =
  'x\u001B]0;title\u0007\u001B]52;c;cm0=\u0007\u001B[2J\r\u009B31m\u007F\u202Eevil\u2066\u2028y\u2029z';
const OBEYED = /[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

/** The first skills of a new user. */
const EXPENSES = {
  'expense/load': {
    code: 'export const run = () => [{ text: "train", amount: 80 }, { text: "hotel", amount: 240 }];',
    manifest: 'examples: [Load the expenses]\nside_effects: read\n',
  },
  'expense/report': {
    code: `export function run(rows: readonly { readonly amount: number }[]) {
  if (rows.length === 0) throw new Error('no expenses in this month');
  console.log(rows.length, 'rows');
  return { sum: rows.reduce((sum, { amount }) => sum + amount, 0) };
}`,
    manifest: 'side_effects: none\ninputs: { type: array, items: { type: object } }\n',
  },
  'expense/pay': {
    code: 'export const run = ({ to, amount }: { to: string; amount: number }) => `paid ${amount} to ${to}`;',
    manifest:
      'side_effects: destructive\ninputs: { type: object, properties: { to: { type: string }, amount: { type: number } } }\n',
  },
  'expense/wait': {
    code: `import { existsSync } from 'node:fs';
export async function run(file: string) {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return 'gone through';
}`,
    manifest: 'side_effects: none\n',
  },
};

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  const log = 'ctx.log(`log ${payload}`, { payload }); console.log(payload); console.error(payload);';
  deployment = await openDeployment(
    rootWith({
      'test/echo': {
        code: `export function run(payload: string, ctx: { log(text: string, fields: object): void }) { ${log} return payload; }`,
      },
      'test/slow': {
        code: 'export async function run() { await new Promise((resolve) => setTimeout(resolve, 600)); return "done"; }',
      },
      ...EXPENSES,
      'test/fail': { code: 'export function run(payload: string) { throw new Error(payload); }' },
    }),
    { SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '1000' }, // a second attempt of the tour fails as often
  );
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

function run(...argv: readonly string[]) {
  return skillos(argv, { env: deployment.env, stdin: ATTACK });
}

test('a result in a pipe has the bytes of the skill; everything else is escaped', async () => {
  const ended = await run('run-skill', 'test/echo', '--stdin', '--debug');
  expect([ended.code, ended.stdout]).toEqual([0, `${ATTACK}\n`]);
  expect(ended.stderr).not.toMatch(OBEYED);
  expect(ended.stderr).toContain('\\u001b]0;title');
  const json = await run('run-skill', 'test/echo', '--stdin', '--json');
  expect(json.stdout).not.toMatch(OBEYED);
  const { run_id: echoed, result } = JSON.parse(json.stdout) as { run_id: string; result: string };
  expect(result).toBe(ATTACK);

  const failed = await run('run-skill', 'test/fail', '--stdin');
  expect([failed.code, failed.stdout]).toEqual([1, '']);
  expect(failed.stderr).not.toMatch(OBEYED);
  const [, failedRun = ''] = /^run: (\S+)$/m.exec(failed.stderr) ?? [];

  for (const runId of [echoed, failedRun]) {
    for (const command of ['logs', 'show', 'trace']) {
      const shown = await run('runs', command, runId);
      expect({ command, code: shown.code }).toEqual({ command, code: 0 });
      expect(shown.stdout).toContain('evil');
      expect(shown.stdout + shown.stderr).not.toMatch(OBEYED);
    }
  }
  const compared = await run('runs', 'diff', echoed, failedRun);
  expect(compared.stdout + compared.stderr).not.toMatch(OBEYED);
});

const SMALL: TerminalSize = { columns: 80, rows: 24 };
const LARGE: TerminalSize = { columns: 200, rows: 50 };
const TOUR_TIMEOUT_MS = 600_000;

/** Text that differs from run to run, and what stands for it. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/[0-9A-HJKMNP-TV-Z]{26}/g, '01M8HX9ZECSZRVACKW6AYGS5T5'],
  [/-01[0-9A-HJKMNP-TV-Z]{12}(?![0-9A-Z])/g, '-01M8HX9ZECSZRV'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-29T12:00:00.000Z'],
  [/\b[\d.]+(?:ms|s|m|h)\b(?: \d+[ms]\b)?/g, '<time>'],
  [/[0-9a-f]{64}/g, '<digest>'],
  [/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '⠋'],
  [/(\S) {2,}(?=\S)/g, '$1  '], // columns are as wide as their widest cell, which may be a time
  [/(?<= {2})\S(?:\S| (?! ))*…/g, '<cut>…'], // and so is what is left for others
];

function settled(line: string): string {
  return VARYING.reduce((text, [what, word]) => text.replaceAll(what, word), line);
}

describe('the screens of a new user', () => {
  const group = Array.from({ length: 6 }, () => 'test/slow').join('|');

  test.each([SMALL, LARGE])(
    'in $columns×$rows have one line that is redrawn and never wraps',
    async (size) => {
      const { env } = deployment;
      const written = await startInTerminal(['pipeline', 'run', '--step', group], { env, size }).ended;
      const drawn = written.split('\r\u001B[K').map((text) => text.split('\r')[0] ?? '');
      const moving = drawn.filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /.test(line));
      expect(moving.length).toBeGreaterThan(1);
      expect(Math.max(...moving.map((line) => line.length))).toBeLessThan(size.columns);
      expect(moving.some((line) => line.endsWith('…'))).toBe(size === SMALL);
      // Members of a group end in any order.
      expect((await screenOf(written, size)).map(settled).sort()).toEqual([
        ...Array.from({ length: 6 }, () => 'done'),
        'run: pipeline-01M8HX9ZECSZRVACKW6AYGS5T5',
        ...[1, 2, 3, 4, 5, 6].map((step) => `✓ step ${step} test/slow <time>`),
      ]);
    },
  );

  test('with TERM=dumb and without Unicode are lines of ASCII', async () => {
    const env = { ...deployment.env, TERM: 'dumb', LANG: 'C' };
    const written = await startInTerminal(['run-skill', 'test/slow'], { env, size: SMALL }).ended;
    expect((await screenOf(written, SMALL)).map(settled)).toEqual([
      'run: test.slow-01M8HX9ZECSZRVACKW6AYGS5T5',
      'ok step 1 test/slow <time>',
      'done',
    ]);
    expect(written).toMatch(/^[\r\n\u0020-\u007E]*$/);
  });

  // To record them again, delete the files, run this twice, and read what has changed.
  test.each([SMALL, LARGE])(
    'in $columns×$rows are those of tests/fixtures/screens',
    async (size) => {
      const file = resolve(import.meta.dirname, `../fixtures/screens/${size.columns}x${size.rows}.txt`);
      const isRecorded = existsSync(file);
      const screens = await tour(size);
      if (!isRecorded) {
        mkdirSync(resolve(file, '..'), { recursive: true });
        writeFileSync(file, screens);
      }
      expect(screens).toBe(readFileSync(file, 'utf8'));
      expect(isRecorded).toBe(true);
    },
    TOUR_TIMEOUT_MS,
  );
});

/** Where a new user is first: in a folder that is no root. */
const IN_A_FOLDER: readonly (readonly string[])[] = [
  ['runs', 'list'],
  ['init', 'my-skills'],
  ['validate', '--root', 'my-skills'],
  ['run', 'Count the words of a text', '--root', 'my-skills'],
  ['rnu'],
  ['runs', 'show', '--root', 'my-skills'],
];

/** Then with a root that has skills, runs that end well, badly and not yet. */
const WITH_A_ROOT: readonly (readonly string[])[] = [
  ['skills', 'list'],
  ['run', 'Load the expenses'],
  ['pipeline', 'run', '--step', 'expense/load', '--step', 'expense/report', '--payload', 'november'],
  ['run-skill', 'expense/report', '--payload', 'november'],
  ['run-skill', 'expense/report', '--payload', '[]', '--max-retries', '0'],
  ['why', '@failed'],
  ['run-skill', 'expense/pay', '--payload', '{"to": "ann", "amount": 120}'],
  ['approvals', 'list'],
  ['approvals', 'show', '@latest'],
  ['approve', '@latest', '--comment', 'as agreed'],
  ['runs', 'watch', '@latest'],
  ['runs', 'trace', '@latest'],
  ['runs', 'list', '--limit', '3'],
];

/** Resolves to the screen after each command of a new user, with fixed words for what differs from run to run. */
async function tour(size: TerminalSize): Promise<string> {
  const home = realpathSync(tempFolder());
  const { SKILLOS_ROOT: root = '', ...rootless } = deployment.env;
  const shown: string[] = [];
  const show = async (argv: readonly string[], written: string): Promise<void> => {
    const words = argv.map((word) => (/\s/.test(word) ? `'${word}'` : word));
    shown.push(`$ skillos ${words.join(' ')}`, ...(await screenOf(written, size)), '');
  };
  for (const argv of IN_A_FOLDER)
    await show(argv, await startInTerminal(argv, { env: rootless, cwd: home, size }).ended);
  for (const argv of WITH_A_ROOT)
    await show(argv, await startInTerminal(argv, { env: deployment.env, cwd: home, size }).ended);

  const gate = join(home, 'go');
  const waiting = ['run-skill', 'expense/wait', '--payload', gate];
  const running = startInTerminal(waiting, { env: deployment.env, cwd: home, size });
  await show(waiting, await running.until(/ · 1 expense\/wait [\d.]+(?:ms|s|m)/));
  writeFileSync(gate, '');
  await show(waiting, await running.ended);
  const user = new RegExp(`  ${loginName()}(?=  )`, 'g');
  return shown
    .map((line) => settled(line.replaceAll(home, '/home/ann').replaceAll(root, '/home/ann/skills')))
    .flatMap((line) => line.replaceAll(user, '  ann').match(new RegExp(`.{1,${size.columns}}`, 'gu')) ?? [''])
    .join('\n');
}
