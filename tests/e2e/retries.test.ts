/** How often a step is tried, and when: what the manifest, the error and the caller say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRecords } from '../../core/runs/run-records.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

/** Notes the time of each attempt in the file that the payload names, then does `then`. */
const noting = (then: string) => `
import { PermanentError, RetryAfter } from 'skillos';
import { appendFileSync } from 'node:fs';
class NotFound extends Error {}
const errors = { PermanentError, RetryAfter, NotFound };
export function run(file: string, ctx: { attempt: number }) {
  appendFileSync(file, Date.now() + '\\n');
  ${then}
}`;

const READ = 'side_effects: read\n';
const FAST = `${READ}retry: { initial: 10ms }\n`;
const FAIL = noting("throw new errors.NotFound('gone');");

const SKILLS = {
  'test/write': { code: FAIL },
  'test/read': { code: FAIL, manifest: FAST },
  'test/five': { code: FAIL, manifest: 'retry: { max_attempts: 5, initial: 10ms, backoff: 1 }\n' },
  'test/listed': { code: FAIL, manifest: `${READ}retry: { initial: 10ms, non_retryable: [NotFound] }\n` },
  'test/permanent': { code: noting("throw new errors.PermanentError('no');"), manifest: FAST },
  'test/later': {
    code: noting("if (ctx.attempt === 1) throw new errors.RetryAfter(1.5); return 'done';"),
    manifest: FAST,
  },
  'test/ends': { code: "export const run = () => 'done';" },
  'test/backoff': {
    code: noting("if (ctx.attempt < 3) throw new errors.NotFound('gone'); return ctx.attempt;"),
    manifest: `${READ}retry: { initial: 300ms, backoff: 2 }\n`,
  },
};

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), { SKILLOS_PARALLEL_LIMIT: '1' });
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

let calls = 0;

async function attemptsOf(skill: string, ...options: readonly string[]) {
  const file = join(deployment.root, `attempts-${calls++}`);
  const argv = ['run-skill', skill, '--payload', file, '--json', ...options];
  const { code, stdout } = await skillos(argv, { env: deployment.env });
  const { steps } = JSON.parse(stdout) as { steps: readonly { attempts: number }[] };
  const times = readFileSync(file, 'utf8').trim().split('\n').map(Number);
  expect(steps).toMatchObject([{ attempts: times.length }]);
  return { code, times };
}

test.concurrent.each([
  ['once what has effects', 'test/write', [], 1],
  ['three times what only reads', 'test/read', [], 3],
  ['as often as the manifest says', 'test/five', [], 5],
  ['once what fails with an error that the manifest lists', 'test/listed', [], 1],
  ['once what fails with a PermanentError', 'test/permanent', [], 1],
  ['once with --max-retries 0', 'test/five', ['--max-retries', '0'], 1],
  ['twice with --max-retries 1', 'test/write', ['--max-retries', '1'], 2],
] as const)('tries %s', async (_, skill, options, expected) => {
  const { code, times } = await attemptsOf(skill, ...options);
  expect([code, times.length]).toEqual([1, expected]);
});

test.concurrent('tries again after RetryAfter, and not before', async () => {
  const { code, times } = await attemptsOf('test/later');
  expect([code, times.length]).toEqual([0, 2]);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1500);
});

test.concurrent('waits longer each time', async () => {
  const { code, times } = await attemptsOf('test/backoff');
  const [first = 0, second = 0, third = 0] = times;
  expect([code, times.length]).toEqual([0, 3]);
  expect(second - first).toBeGreaterThanOrEqual(300);
  expect(third - second).toBeGreaterThanOrEqual(600);
});

test('metrics have the attempts of runs that succeeded and of those that failed', async () => {
  const { stdout } = await skillos(['metrics', '--json'], { env: deployment.env });
  const { skills } = JSON.parse(stdout) as { skills: Record<string, { attempts_per_step: number }> };
  const attempts = (skill: string) => skills[skill]?.attempts_per_step;
  expect(['test/backoff', 'test/later', 'test/read', 'test/permanent', 'test/five'].map(attempts)).toEqual([
    3, 2, 3, 1, 3,
  ]);
});

test('counts the retries of a group once, though its members run one after another', async () => {
  const file = join(deployment.root, `attempts-${calls++}`);
  const argv = ['pipeline', 'run', '--step', 'test/backoff|test/ends', '--payload', file, '--json'];
  const { stdout } = await skillos(argv, { env: deployment.env });
  const { run_id: runId } = JSON.parse(stdout) as { run_id: string };
  await expect(runRecords(deployment.ports.records).get(runId)).resolves.toMatchObject({
    status: 'success',
    attempts: 4,
  });
});
