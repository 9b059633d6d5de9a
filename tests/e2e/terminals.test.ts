/** What terminals show: screens of a new user in two sizes, and nothing of a payload, an output, an error or a log that they would obey. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { packageFile } from '../../adapters/machine/package.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const ATTACK =
  'x\u001B]0;title\u0007\u001B]52;c;cm0=\u0007\u001B[2J\r\u009B31m\u007F\u202Eevil\u2066\u2028y\u2029z';
const OBEYED = /[^\P{Cc}\n\t]|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

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
      'test/fail': { code: 'export function run(payload: string) { throw new Error(payload); }' },
    }),
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

/** Runs a command in a pseudo-terminal; resolves to all that it wrote, with line breaks of Unix. */
async function inTerminal(argv: readonly string[], size: string, more: object = {}): Promise<string> {
  const words = [process.execPath, packageFile('dist/skillos.mjs'), ...argv].map((word) => `'${word}'`);
  const command = `stty ${size}; exec ${words.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...deployment.env, PATH: process.env['PATH'], TERM: 'xterm', LANG: 'C.UTF-8', ...more },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text));
  await once(child, 'close');
  return written.replaceAll('\r\n', '\n');
}

const CLEAR = '\r\u001B[K';
/** Stands for it in text without escapes. */
const CLEARED = '\0';

/** What the screen shows in the end: each line after its last clearing, without colours, ids and durations. */
function screenOf(written: string): readonly string[] {
  return stripVTControlCharacters(written.replaceAll(CLEAR, CLEARED))
    .split('\n')
    .map((line) => (line.split(CLEARED).at(-1) ?? '').trimEnd())
    .map((line) =>
      line.replaceAll(/[0-9A-HJKMNP-TV-Z]{26}/g, '<ulid>').replaceAll(/\b[\d.]+m?s\b/g, '<time>'),
    )
    .filter((line) => line !== '');
}

describe('the screens of a new user', () => {
  const group = Array.from({ length: 6 }, () => 'test/slow').join('|');

  test.each([
    ['cols 80 rows 24', 80],
    ['cols 200 rows 50', 200],
  ])('in %s have one line that is redrawn and never wraps', async (size, columns) => {
    const written = await inTerminal(['pipeline', 'run', '--step', group], size);
    const drawn = written.split(CLEAR).map((text) => text.split('\n')[0] ?? '');
    const moving = drawn.filter((line) => /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /.test(line));
    expect(moving.length).toBeGreaterThan(1);
    expect(Math.max(...moving.map((line) => line.length))).toBeLessThan(columns);
    expect(moving.some((line) => line.endsWith('…'))).toBe(columns === 80);
    // Members of a group end in any order.
    expect([...screenOf(written)].sort()).toEqual([
      ...Array.from({ length: 6 }, () => 'done'),
      'run: pipeline-<ulid>',
      ...[1, 2, 3, 4, 5, 6].map((step) => `✓ step ${step} test/slow <time>`),
    ]);
  });

  test('with TERM=dumb and without Unicode are lines of ASCII', async () => {
    const written = await inTerminal(['run-skill', 'test/slow'], 'cols 80 rows 24', {
      TERM: 'dumb',
      LANG: 'C',
    });
    expect(screenOf(written)).toEqual(['run: test.slow-<ulid>', 'ok step 1 test/slow <time>', 'done']);
    expect(written).toMatch(/^[\n\u0020-\u007E]*$/);
  });
});
