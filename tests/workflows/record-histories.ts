/**
 * Records the histories that replay.test.ts replays: `npx tsx tests/workflows/record-histories.ts`. Run it for a new
 * shape of run only; a history that stands is a promise to runs in flight and is never recorded again.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { packageFile } from '../../adapters/package.ts';
import { startRun } from '../../client/runs.ts';
import { PERMISSION_FILE } from '../../core/permission-file.ts';
import type { AskedStep, Plan } from '../../core/plan.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import type { Deployment } from '../support/deployment.ts';
import { startServerInMemory } from '../support/temporal-server.ts';
import { writeFiles } from '../support/write-files.ts';

const folder = join(import.meta.dirname, 'histories');
const principal = { subject: 'tester', roles: [], via: 'local' } as const;
const step = (id: string): Plan<AskedStep> => ({ kind: 'step', step: { skill: parseSkillId(id) } });

const SKILLS = {
  'test/echo': { code: 'export const run = (payload: string) => `echo ${payload}`;' },
  'test/fail': { code: "export const run = () => { throw new Error('no luck'); };" },
  'test/flaky': {
    code: 'export const run = (_: string, ctx: { attempt: number }) => { if (ctx.attempt < 3) throw new Error("again"); return ctx.attempt; };',
    manifest: 'side_effects: read\nretry: { initial: 10ms }\n',
  },
  'test/big': { code: "export const run = () => 'x'.repeat(100_000);" },
  'test/slow': {
    code: "export const run = (_: string, ctx: { signal: AbortSignal }) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));",
  },
  'test/frozen': { code: 'export const run = () => new Promise(() => setTimeout(() => {}, 60_000));' },
  'test/once': {
    code: 'export const run = async (_: string, ctx: { attempt: number }) => { if (ctx.attempt === 1) await new Promise(() => setTimeout(() => {}, 60_000)); return "done"; };',
    manifest: 'side_effects: read\nretry: { max_attempts: 1 }\n',
  },
} as const;

type Act = (deployment: Deployment, runId: string) => Promise<void>;

interface Shape {
  readonly plan: Plan<AskedStep>;
  readonly act?: Act;
  /** Content of the permission policies; none without. */
  readonly policies?: object;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'one-skill': { plan: step('test/echo') },
  'one-skill-failed': { plan: step('test/fail') },
  'one-skill-retried': { plan: step('test/flaky') },
  'large-output': { plan: { kind: 'sequence', plans: [step('test/big'), step('test/echo')] } },
  sequence: { plan: { kind: 'sequence', plans: [step('test/echo'), step('test/echo'), step('test/echo')] } },
  group: {
    plan: {
      kind: 'sequence',
      plans: [
        { kind: 'parallel', plans: Array.from({ length: 6 }, () => step('test/echo')) },
        step('test/echo'),
      ],
    },
  },
  'group-failed': { plan: { kind: 'parallel', plans: [step('test/slow'), step('test/fail')] } },
  'refused-by-prepare': { plan: step('test/unknown') },
  'blocked-by-policy': {
    plan: step('test/echo'),
    policies: { policies: [{ skill_id: '*', permissions: 'x' }] },
  },
  cancelled: { plan: step('test/slow'), act: cancelSoon },
  'cancelled-group': {
    plan: { kind: 'parallel', plans: [step('test/slow'), step('test/slow')] },
    act: cancelSoon,
  },
  'worker-lost-rescheduled': { plan: step('test/once'), act: loseWorker },
  'worker-lost-outcome-unknown': { plan: step('test/frozen'), act: loseWorker },
};

async function cancelSoon({ temporal }: Deployment, runId: string): Promise<void> {
  const handle = temporal.client.workflow.getHandle(runId);
  while (!(await handle.describe()).raw.pendingActivities?.length) await delay(50);
  await handle.cancel();
}

async function loseWorker(deployment: Deployment, runId: string): Promise<void> {
  const { spawnWorker } = await import('../support/deployment.ts');
  const handle = deployment.temporal.client.workflow.getHandle(runId);
  const worker = await spawnWorker(deployment);
  while (!(await handle.describe()).raw.pendingActivities?.length) await delay(50);
  await delay(1000);
  await worker.end('SIGKILL');
}

async function main(): Promise<void> {
  Object.assign(globalThis, { afterAll: () => undefined }); // the support files clean up after tests
  const server = await startServerInMemory();
  process.env['SKILLOS_TEST_TEMPORAL'] = server.address;
  try {
    for (const [name, shape] of Object.entries(SHAPES)) await record(name, shape);
  } finally {
    await server.stop();
  }
}

async function record(name: string, { plan, act, policies }: Shape): Promise<void> {
  const file = join(folder, `${name}.json`);
  if (existsSync(file)) return;
  const { openDeployment, rootWith } = await import('../support/deployment.ts');
  const root = rootWith(SKILLS);
  if (policies !== undefined) writeFiles(root, { [PERMISSION_FILE]: JSON.stringify(policies) });
  const deployment = await openDeployment(root);
  if (act !== loseWorker) await deployment.startWorker();
  const ask = { plan, payload: 'hello', principal, tenant: 'default' };
  const { runId } = await startRun(deployment.ports, deployment.temporal, ask);
  await act?.(deployment, runId);
  if (act === loseWorker) await deployment.startWorker();
  const handle = deployment.temporal.client.workflow.getHandle(runId);
  await handle.result().catch(() => undefined);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${anonymous(historyToJSON(await handle.fetchHistory()))}\n`);
  console.error(`recorded ${name}`);
  await deployment.close();
}

/** Without the names of the machine that recorded it. */
function anonymous(history: string): string {
  return history.replaceAll(packageFile('.'), '/skillos').replaceAll(`@${hostname()}`, '@host');
}

await main();
