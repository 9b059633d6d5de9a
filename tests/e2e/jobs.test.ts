/** Jobs: enqueued by one command, run by another, whatever happens between. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { requestOf, startRun } from '../../client/submit/start-run.ts';
import { openRecord } from '../../core/runs/run-record.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { runCli } from '../support/run-cli.ts';
import { skillos } from '../support/skillos-process.ts';

const SKILLS = {
  'test/echo': { code: 'export const run = (text: string) => text;', manifest: 'examples: [Echo it]\n' },
  'test/fails': { code: "export function run() { throw new Error('No'); }" },
  'test/order': {
    code: `
import { appendFileSync } from 'node:fs';
export const run = ({ file, name }: any) => appendFileSync(file, name + '\\n');`,
    manifest: 'inputs: { type: object }\nidempotent: true\n',
  },
  'test/wipe': { code: 'export const run = () => 1;', manifest: 'side_effects: destructive\n' },
};

let deployment: Deployment;

beforeEach(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
});

afterEach(() => deployment.close());

const cli = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });

async function enqueue(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli('job', 'enqueue', ...argv);
  expect([code, stderr]).toEqual([0, '']);
  return /^job_enqueued: (\S+)\n$/.exec(stdout)?.[1] ?? '';
}

async function work(...argv: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await skillos(['job', 'work', ...argv], { env: deployment.env });
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trim().split('\n');
}

const recordOf = (id: string) => runRecords(deployment.ports.records).get(id);

test('a job waits for a worker, then runs once', async () => {
  await expect(work()).resolves.toEqual(['no_jobs']);
  const id = await enqueue('test/echo', '--payload', 'hello');
  await expect(recordOf(id)).resolves.toMatchObject({ status: 'queued', queue: 'jobs' });
  await expect(work()).resolves.toEqual([`job_succeeded: ${id}`]);
  await expect(recordOf(id)).resolves.toMatchObject({ status: 'success', output: { value: 'hello' } });
  await expect(work()).resolves.toEqual(['no_jobs_due']);
});

test('a failing job is tried again by a later call, then is a dead letter', async () => {
  const id = await enqueue('test/fails', '--max-retries', '1');
  const lines = new Set<string>();
  while (!lines.has(`job_failed: ${id}`)) for (const line of await work()) lines.add(line);
  lines.delete('no_jobs_due');
  expect([...lines]).toEqual([`job_retry_scheduled: ${id}`, `job_failed: ${id}`]);
  const record = await recordOf(id);
  expect(record).toMatchObject({ status: 'error', reason: 'skill_failed' });
  const pauses = Date.parse(record?.endedAt ?? '') - Date.parse(record?.startedAt ?? '');
  expect(pauses).toBeGreaterThan(5000);
}, 180_000);

test('jobs that must not run end at once, without a retry', async () => {
  const waiting = await enqueue('test/wipe', '--max-retries', '5');
  await expect(work()).resolves.toEqual([`job_waiting: ${waiting}`]);
  await expect(work()).resolves.toEqual(['no_jobs_due']);
});

test('a delayed job is not due, and an expired one is cancelled', async () => {
  const later = await enqueue('test/echo', '--delay', '1h');
  await expect(work()).resolves.toEqual(['no_jobs_due']);
  const expired = await enqueue('test/echo', '--expires', '1ms');
  await expect(work()).resolves.toEqual([`job_cancelled: ${expired}`]);
  await expect(recordOf(expired)).resolves.toMatchObject({ status: 'cancelled', reason: 'expired' });
  await expect(recordOf(later)).resolves.toMatchObject({ status: 'queued' });
});

test('takes no more than the limit', async () => {
  const ids = [await enqueue('test/echo'), await enqueue('test/echo'), await enqueue('test/echo')];
  await expect(work('--limit', '1', '--concurrency', '1')).resolves.toHaveLength(1);
  const records = await Promise.all(ids.map(recordOf));
  expect(records.filter((record) => record?.status === 'queued')).toHaveLength(2);
  expect(records.filter((record) => record?.status === 'success')).toHaveLength(1);
  await expect(work('--concurrency', '1')).resolves.toHaveLength(2);
});

/** One step at a time; the steps write the order in which they ran. */
async function orderOf(jobs: readonly (readonly [name: string, tenant: string, priority: number])[]) {
  const { ports, temporal, root } = deployment;
  const plan = { kind: 'step', step: { skill: parseSkillId('test/order') } } as const;
  const principal = { subject: 'ann', roles: [], via: 'local' } as const;
  const file = join(root, 'order');
  for (const [name, tenant, priority] of jobs) {
    await startRun(ports, temporal, { plan, payload: { file, name }, principal, tenant, job: { priority } });
  }
  await work('--concurrency', '1');
  return readFileSync(file, 'utf8').trim().split('\n');
}

test('urgent jobs overtake others, except for the one that the idle queue hands out first', async () => {
  const late = ['l1', 'l2', 'l3', 'l4', 'l5', 'l6'].map((name) => [name, 'default', 5] as const);
  const order = await orderOf([...late, ['u1', 'default', 1], ['u2', 'default', 1]]);
  expect(order).toHaveLength(8);
  expect(Math.max(order.indexOf('u1'), order.indexOf('u2'))).toBeLessThanOrEqual(2);
});

test('a tenant with few jobs does not wait for all jobs of another', async () => {
  const many = Array.from({ length: 20 }, (_, n) => [`a${n}`, 'acme', 3] as const);
  const order = await orderOf([...many, ['b1', 'beta', 3], ['b2', 'beta', 3]]);
  expect(order).toHaveLength(22);
  expect(Math.max(order.indexOf('b1'), order.indexOf('b2'))).toBeLessThan(12);
});

test('a key enqueues one job, and the event log says which request it skipped', async () => {
  const argv = ['test/echo', '--idempotency-key', 'k', '--delay', '1s'];
  const id = await enqueue(...argv);
  await expect(enqueue(...argv)).resolves.toBe(id);
  const log = readFileSync(join(deployment.root, 'logs', 'execution.log'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(log.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'job_enqueued', job_id: id, request_id: id.slice(-26), skill_id: 'test/echo' },
    { event: 'idempotency_skipped', source: 'job enqueue', skill_id: 'test/echo' },
  ]);
});

test('a job whose workflow was never started is started by whoever serves the queue', async () => {
  const askedAt = Date.now() - 10_000;
  const skill = parseSkillId('test/echo');
  const asked = {
    plan: { kind: 'step', step: { skill } },
    payload: 'hello',
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
    job: { priority: 3 },
  } as const;
  const id = `test.echo-${ulid(askedAt)}`;
  const request = await requestOf(deployment.ports, asked, askedAt);
  await runRecords(deployment.ports.records).open(openRecord(id, request));
  await expect(work()).resolves.toEqual([`job_succeeded: ${id}`]);
});

test('a running job that Temporal has lost is a dead letter, and can be requeued', async () => {
  const skill = parseSkillId('test/echo');
  const asked = {
    plan: { kind: 'step', step: { skill } },
    payload: 'hello',
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
    job: { priority: 3 },
  } as const;
  const request = await requestOf(deployment.ports, asked, Date.now());
  const id = `test.echo-${ulid()}`;
  const lost = { ...openRecord(id, request), status: 'running', executionId: 'x' } as const;
  await runRecords(deployment.ports.records).open(lost);
  await expect(work()).resolves.toEqual([`job_failed: ${id}`]);
  const dead = await cli('job', 'dead', '--json');
  expect(JSON.parse(dead.stdout)).toMatchObject({ items: [{ job_id: id, reason: 'outcome_unknown' }] });
  const { stdout } = await cli('job', 'dead', '--requeue-all', '--yes');
  const newId = /^job_enqueued: (\S+)\n$/.exec(stdout)?.[1] ?? '';
  await expect(recordOf(id)).resolves.toMatchObject({ job: { requeuedAs: newId } });
  await expect(recordOf(newId)).resolves.toMatchObject({ status: 'queued', job: { requeueOf: id } });
  await expect(cli('job', 'cancel', newId)).resolves.toMatchObject({ stdout: `job_cancelled: ${newId}\n` });
  await expect(work()).resolves.toEqual(['no_jobs_due']);
});

test.each([
  [['test/echo', '--priority', '9'], 2, 'Invalid --priority "9"'],
  [['test/echo', '--max-retries', 'many'], 2, 'Invalid --max-retries "many"'],
  [['test/echo', '--delay', '1m', '--run-at', '2030-01-01T00:00:00Z'], 2, 'Expected one of --delay and'],
  [['test/echo', '--max-retries=-1'], 2, 'Invalid --max-retries "-1"'],
  [['test/echo', '--run-at', '2026-02-30T08:00:00Z'], 2, 'Invalid --run-at "2026-02-30T08:00:00Z"'],
  [['test/echo', '--expires', '0'], 2, 'Invalid --expires "0"'],
  [['test/order', '--payload', '7'], 2, 'Invalid payload for skill "test/order"'],
  [['test/none'], 2, 'Unknown skill "test/none"'],
])('refuses job enqueue %j and writes nothing', async (argv, exit, message) => {
  const { code, stderr } = await cli('job', 'enqueue', ...argv);
  expect([code, stderr]).toEqual([exit, expect.stringContaining(message)]);
  expect(existsSync(join(deployment.root, 'runtime', 'records', 'runs'))).toBe(false);
});
