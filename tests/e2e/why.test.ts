/** `why` on real runs: what they wait for, how they ended, and what can be told without Temporal. */
import { startRun } from '../../client/submit/start-run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { deadAddress } from '../support/dead-address.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos } from '../support/skillos-process.ts';

const SLOW = `
export const run = (_: string, ctx: { signal: AbortSignal }) =>
  new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));`;
const SKILLS = {
  'test/echo': { code: 'export const run = (payload: string) => payload;' },
  'test/fail': { code: "export const run = () => { throw new Error('no luck'); };" },
  'test/slow': { code: SLOW },
  'test/flaky': {
    code: "export const run = () => { throw new Error('not yet'); };",
    manifest: 'side_effects: read\nretry: { initial: 10m }\n',
  },
};

interface Answer {
  readonly reason: string;
  readonly message: string;
  readonly command: string;
  readonly status: string;
}

let deployment: Deployment;

beforeEach(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
});

afterEach(() => deployment.close());

async function start(skill: string): Promise<string> {
  const { runId } = await startRun(deployment.ports, deployment.temporal, {
    plan: { kind: 'step', step: { skill: parseSkillId(skill) } },
    payload: 'hello',
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
  });
  return runId;
}

async function why(runId: string, env: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const result = await skillos(['why', runId, '--json'], { env: { ...deployment.env, ...env } });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(result.stdout) as Answer;
}

async function untilReason(runId: string, reason: string): Promise<Answer> {
  for (;;) {
    const answer = await why(runId);
    if (answer.reason === reason) return answer;
  }
}

test('a run that no worker takes, and one that is running', async () => {
  const runId = await start('test/slow');
  expect(await why(runId)).toMatchObject({
    reason: 'no_worker',
    status: 'queued',
    command: 'skillos worker',
  });
  await deployment.startWorker();
  const answer = await untilReason(runId, 'running');
  expect(answer.command).toBe(`skillos runs watch ${runId}`);
  await untilSkill(runId);
  expect(await skillos(['runs', 'cancel', runId], { env: deployment.env })).toMatchObject({ code: 0 });
  expect(await untilReason(runId, 'run_cancelled')).toMatchObject({
    status: 'cancelled',
    command: `skillos audit list --run ${runId}`,
  });
  const { stdout } = await skillos(['audit', 'list', '--run', runId, '--json'], { env: deployment.env });
  expect(JSON.parse(stdout)).toMatchObject({
    items: expect.arrayContaining([
      expect.objectContaining({
        action: 'run_cancelled',
        way: 'cli',
        after: { status: 'cancel_requested' },
      }),
    ]),
  });
});

async function untilSkill(runId: string): Promise<void> {
  while (!(await why(runId)).message.includes('Skill test/slow is running'));
}

test('a step that is tried again later', async () => {
  await deployment.startWorker();
  const runId = await start('test/flaky');
  const { message, command } = await untilReason(runId, 'backing_off');
  expect(message).toMatch(/^Skill test\/flaky failed \(.*not yet.*\); attempt 2 starts at \d{4}-.*Z$/);
  expect(command).toBe(`skillos runs logs ${runId}`);
  await deployment.temporal.client.workflow.getHandle(runId).terminate('tidying up');
  expect(await why(runId)).toMatchObject({
    reason: 'run_terminated',
    status: 'error',
    message: 'Run terminated: tidying up',
  });
});

test('runs that ended, in words, without asking Temporal', async () => {
  await deployment.startWorker();
  const dead = { TEMPORAL_ADDRESS: await deadAddress() };
  const good = await start('test/echo');
  await deployment.temporal.client.workflow.getHandle(good).result();
  expect(await why(good, dead)).toMatchObject({ reason: 'success' });
  const bad = await start('test/fail');
  await deployment.temporal.client.workflow
    .getHandle(bad)
    .result()
    .catch(() => undefined);
  const { stdout } = await skillos(['why', bad], { env: { ...deployment.env, ...dead } });
  expect(stdout).toBe(
    `skill_failed: Step 1: no luck (implementations/test/fail.ts:1:34)\ntry: skillos runs logs ${bad}\n`,
  );
});

test('a run in flight as far as its record tells, where Temporal does not answer or does not know it', async () => {
  const runId = await start('test/slow');
  const dead = await why(runId, { TEMPORAL_ADDRESS: await deadAddress() });
  expect(dead).toMatchObject({
    reason: 'engine_unreachable',
    message: expect.stringContaining('The run is queued according to its record'),
  });
  await deployment.temporal.client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: runId },
  });
  await untilReason(runId, 'unknown_run');
});

test('nobody else’s run, and none that there is not', async () => {
  const runId = await start('test/slow');
  const other = await skillos(['why', runId], { env: { ...deployment.env, SKILLOS_TENANT_ID: 'other' } });
  expect(other).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Unknown run') });
  const none = 'test.slow-01ARZ3NDEKTSV4RRFFQ69G5FAV';
  expect(await skillos(['why', none], { env: deployment.env })).toMatchObject({ code: 2, stdout: '' });
  expect(await skillos(['why', 'x'], { env: deployment.env })).toMatchObject({ code: 2, stdout: '' });
});
