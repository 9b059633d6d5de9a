/** A worker in service: skills are edited under it, and it is told to leave. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDeployment, rootWith, writeSkill } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { until } from '../support/eventually.ts';
import { skillos, startSkillos, startWorkerProcess } from '../support/skillos-process.ts';

/** Waits for the file `<payload>.go`, having said in `<payload>.begun` that it runs. */
const gateSaying = (word: string) => `
import { existsSync, writeFileSync } from 'node:fs';
export async function run(file: string) {
  writeFileSync(file + '.begun', '');
  while (!existsSync(file + '.go')) await new Promise((resolve) => setTimeout(resolve, 20));
  return '${word}';
}`;

interface Document {
  readonly status: string;
  readonly result: unknown;
  readonly steps: readonly { readonly hash: string }[];
}

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(rootWith({ 'test/gate': { code: gateSaying('old') } }));
});

afterAll(() => deployment.close());

async function begin(name: string) {
  const file = join(deployment.root, name);
  const argv = ['run-skill', 'test/gate', '--payload', file, '--json'];
  const run = startSkillos(argv, { env: deployment.env });
  await until(() => existsSync(`${file}.begun`));
  return {
    go: () => writeFileSync(`${file}.go`, ''),
    document: async () => JSON.parse((await run.ended).stdout) as Document,
  };
}

test('a run in flight keeps its code, the next one has the edited code, and the worker just goes on', async () => {
  const worker = await startWorkerProcess(deployment.env);
  const before = await begin('before');
  writeSkill(deployment.root, 'test/gate', { code: gateSaying('new') });
  const after = await begin('after');
  after.go();
  const second = await after.document();
  before.go();
  const first = await before.document();
  expect([first.result, second.result]).toEqual(['old', 'new']);
  expect(first.steps[0]?.hash).not.toBe(second.steps[0]?.hash);
  worker.signal('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});

test('a worker told to leave lets its running step end, takes nothing new, and ends with 0', async () => {
  const worker = await startWorkerProcess(deployment.env);
  const run = await begin('drain');
  worker.signal('SIGTERM');
  const late = await skillos(
    ['run-skill', 'test/gate', '--payload', join(deployment.root, 'late'), '--timeout', '2s'],
    {
      env: deployment.env,
    },
  );
  expect(late.code).toBe(5);
  expect(existsSync(join(deployment.root, 'late.begun'))).toBe(false);
  run.go();
  const { code, stderr } = await worker.ended;
  expect([code, stderr]).toEqual([0, '']);

  // Whoever comes next settles the run: its step is done, and is not done again.
  const next = await startWorkerProcess(deployment.env);
  writeFileSync(join(deployment.root, 'late.go'), '');
  expect(await run.document()).toMatchObject({ status: 'success', steps: [{ attempts: 1 }] });
  expect(await skillos(['runs', 'watch', late.stdout.trim()], { env: deployment.env })).toMatchObject({
    code: 0,
  });
  next.signal('SIGTERM');
  expect((await next.ended).code).toBe(0);
});
