/** The event log of real runs: the lines of a request over the processes that worked on it. */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { writeFiles } from '../support/write-files.ts';

const SKILLS = {
  'test/echo': {
    code: 'export const run = (text: string) => text;',
    manifest: 'examples: [Echo these words]\ndeprecated: true\ndeprecation_reason: old\n',
  },
  'test/fail': { code: "export const run = () => { throw new Error('no luck'); };" },
  'test/wipe': { code: "export const run = () => 'wiped';", manifest: 'side_effects: destructive\n' },
};

type Line = Readonly<Record<string, unknown>> & { readonly event: string };

const deployments: Deployment[] = [];
const workers: SkillosProcess[] = [];

afterAll(async () => {
  for (const worker of workers) worker.signal('SIGTERM');
  await Promise.all(workers.map(({ ended }) => ended));
  await Promise.all(deployments.map((deployment) => deployment.close()));
});

async function open(prepare: (root: string) => void = () => undefined): Promise<Deployment> {
  const root = rootWith(SKILLS);
  prepare(root);
  const deployment = await openDeployment(root);
  deployments.push(deployment);
  workers.push(await startWorkerProcess(deployment.env));
  return deployment;
}

function linesOf(root: string, runId: string): readonly Line[] {
  const ulid = runId.slice(runId.lastIndexOf('-') + 1);
  return readFileSync(join(root, 'logs', 'execution.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ request_id: id }) => id === ulid);
}

const runIn = (text: string) => /[a-z.]+-[0-9A-Z]{26}/.exec(text)?.[0] as string;
const sorted = (lines: readonly Line[]) =>
  [...lines].sort((a, b) => (String(a['timestamp']) < String(b['timestamp']) ? -1 : 1));

test('a query, from its words to its end', async () => {
  const { root, env } = await open();
  const run = await skillos(['run', 'Echo these words', '--skill', 'test/echo', '--execute'], { env });
  expect(run.code).toBe(0);
  const runId = runIn(run.stderr);
  const lines = sorted(linesOf(root, runId));
  expect(lines.map(({ event }) => event)).toEqual([
    'request_received',
    'routing_candidates',
    'routing_decision',
    'skill_selected',
    'permission_decision',
    'deprecated_skill_used',
    'policy_decision',
    'budget_check',
    'pipeline_step',
    'execution_result',
  ]);
  expect(lines.slice(4).every((line) => line['run_id'] === runId)).toBe(true);
  expect(lines.at(-1)).toMatchObject({
    status: 'success',
    skill_id: 'test/echo',
    duration_ms: expect.any(Number),
  });
  expect(JSON.stringify(lines)).not.toMatch(/these words/i);
});

test('what fails, waits and is refused', async () => {
  const { root, env } = await open();
  const failed = runIn((await skillos(['run-skill', 'test/fail'], { env })).stderr);
  expect(linesOf(root, failed)).toMatchObject([
    { event: 'permission_decision', allowed: true },
    { event: 'policy_decision', allowed: true },
    { event: 'budget_check', allowed: true, model: 'standard', estimated_cost: 1 },
    { event: 'pipeline_step', status: 'error', error_class: 'skill_failed', order: 1 },
    { event: 'execution_result', status: 'error', error_class: 'skill_failed' },
  ]);
  const parked = runIn((await skillos(['run-skill', 'test/wipe'], { env })).stdout);
  expect((await skillos(['approve', parked], { env })).code).toBe(0);
  expect((await skillos(['runs', 'watch', parked], { env })).code).toBe(0);
  expect(linesOf(root, parked)).toMatchObject([
    { event: 'permission_decision', allowed: true },
    { event: 'policy_decision', allowed: false, approval_required: true, approval_status: 'pending' },
    { event: 'policy_decision', allowed: true, approval_status: 'approved' },
    { event: 'budget_check', allowed: true },
    { event: 'pipeline_step', status: 'success' },
    { event: 'execution_result', status: 'success', skill_id: 'test/wipe' },
  ]);
  writeFiles(root, {
    'policies/permission_policies.json': '{"policies": [{"skill_id": "*", "permissions": "x:y"}]}',
  });
  const refused = runIn((await skillos(['run-skill', 'test/echo'], { env })).stderr);
  expect(linesOf(root, refused)).toMatchObject([
    { event: 'permission_decision', allowed: false, policy_id: 'policies[0] (*)', skill_id: 'test/echo' },
    { event: 'execution_result', status: 'blocked', error_class: 'permission_denied' },
  ]);
});

test('a full disk below the log fails no run, and is said once by the worker', async () => {
  const { env } = await open((root) => {
    mkdirSync(join(root, 'logs'));
    symlinkSync('/dev/full', join(root, 'logs', 'execution.log'));
  });
  for (const payload of ['one', 'two']) {
    const run = await skillos(['run-skill', 'test/echo', '--payload', payload], { env });
    expect([run.code, run.stdout]).toEqual([0, `${payload}\n`]);
  }
  const worker = workers.at(-1) as SkillosProcess;
  expect(worker.stderr().split('Cannot write the event log: no space left on device (ENOSPC)')).toHaveLength(
    2,
  );
});
