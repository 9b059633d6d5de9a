/** Nothing that a payload, an output, an error or a log holds is obeyed by the terminal of who looks at a run. */
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
