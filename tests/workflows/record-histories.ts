/**
 * Records the histories that replay.test.ts replays: `npx tsx tests/workflows/record-histories.ts`. Run it for a new
 * shape of run only; a history that stands is a promise to runs in flight and is never recorded again, also where no
 * shape is left that would give it: runs of one step once began by `prepare`.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { packageFile } from '../../adapters/machine/package.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { StartRequest } from '../../client/submit/start-run.ts';
import { updateRun } from '../../client/temporal/update.ts';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import type { Decision, DecisionWord } from '../../core/approvals/approval.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import type { RequestedStep, Plan } from '../../core/plans/plan.ts';
import { runKey } from '../../core/values/run-id.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { DECIDE_UPDATE, STEP_UPDATE, UNDO_SIGNAL } from '../../workflows/messages.ts';
import type { StepCommand } from '../../core/runs/step-command.ts';
import type { Deployment } from '../support/deployment.ts';
import { startServerInMemory } from '../support/temporal-server.ts';
import { writeFiles } from '../support/write-files.ts';

const folder = join(import.meta.dirname, 'histories');
const principal = { subject: 'tester', roles: [], via: 'local' } as const;
const step = (id: string): Plan<RequestedStep> => ({ kind: 'step', step: { skill: parseSkillId(id) } });

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
  'test/wipe': { code: "export const run = () => 'wiped';", manifest: 'side_effects: destructive\n' },
  'test/asked': { code: "export const run = () => 'done';" },
  'test/total': { code: 'export const run = () => ({ amount: 5000 });' },
  'test/report': { code: "export const run = () => 'reported';" },
  'test/risk': { code: "export const run = () => 'delete all users now';" },
  'test/do': { code: 'export const run = () => "done";', manifest: 'rollback: test/undo\n' },
  'test/undo': { code: 'export const run = () => "undone";' },
  'test/stuck': { code: 'export const run = () => "done";', manifest: 'rollback: test/fail\n' },
} as const;

type Act = (deployment: Deployment, runId: string) => Promise<void>;

interface Shape {
  readonly plan: Plan<RequestedStep>;
  readonly more?: Partial<StartRequest>;
  readonly act?: Act;
  /** Content of the permission policies; none without. */
  readonly policies?: object;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  single: { plan: step('test/echo') },
  'single-failed': { plan: step('test/fail') },
  'single-retried': { plan: step('test/flaky') },
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
  'group-settled': { plan: { kind: 'parallel', plans: [step('test/echo'), step('test/echo')] } },
  'group-failed': { plan: { kind: 'parallel', plans: [step('test/slow'), step('test/fail')] } },
  'refused-by-prepare': { plan: step('test/unknown') },
  'single-blocked': {
    plan: step('test/echo'),
    policies: { policies: [{ skill_id: '*', permissions: 'x' }] },
  },
  'single-cancelled': { plan: step('test/slow'), act: cancelSoon },
  'cancelled-group': {
    plan: { kind: 'parallel', plans: [step('test/slow'), step('test/slow')] },
    act: cancelSoon,
  },
  'single-approved': { plan: step('test/asked'), act: decideAs('approved') },
  'single-denied': { plan: step('test/asked'), act: decideAs('denied') },
  'single-approved-by-signal': { plan: step('test/asked'), act: signals(['approve', 'seen']) },
  'approved-in-the-middle': { plan: inSequence('test/risk', 'test/echo'), act: decideAs('approved') },
  'gated-group': {
    plan: {
      kind: 'sequence',
      plans: [step('test/total'), { kind: 'parallel', plans: [step('test/report'), step('test/report')] }],
    },
    act: inTurn(approveBefore(2), approveBefore(3)),
  },
  'single-cancelled-while-parked': { plan: step('test/asked'), act: cancelParked },
  'stepped-through': {
    plan: inSequence('test/echo', 'test/echo', 'test/echo'),
    more: { stepThrough: true },
    act: orders({ command: 'next' }, { command: 'skip' }, { command: 'continue' }),
  },
  'stepped-through-group': {
    plan: { kind: 'parallel', plans: [step('test/echo'), step('test/echo'), step('test/echo')] },
    more: { stepThrough: true },
    act: orders({ command: 'next' }, { command: 'skip' }, { command: 'next' }),
  },
  'stepped-through-by-signal': {
    plan: inSequence('test/echo', 'test/echo'),
    more: { stepThrough: true },
    act: signals(['edit', 'other'], ['next'], ['skip']),
  },
  breakpoint: {
    plan: inSequence('test/echo', 'test/echo', 'test/echo'),
    more: { stepThrough: true },
    act: orders({ command: 'break', step: 3 }, { command: 'continue' }, { command: 'next' }),
  },
  'edited-and-approved': {
    plan: step('test/wipe'),
    more: { stepThrough: true },
    act: inTurn(
      decideAs('approved'),
      orders({ command: 'edit', input: { value: 'other' } }, { command: 'next' }),
      decideAs('approved'),
    ),
  },
  aborted: { plan: step('test/echo'), more: { stepThrough: true }, act: orders({ command: 'abort' }) },
  'rolled-back': { plan: inSequence('test/do', 'test/stuck', 'test/do', 'test/fail') },
  'not-rolled-back': { plan: inSequence('test/do', 'test/fail'), more: { noRollback: true } },
  'rolled-back-on-cancel': { plan: inSequence('test/do', 'test/slow'), act: undoAndCancel },
  fork: {
    plan: inSequence('test/echo', 'test/echo', 'test/echo'),
    more: {
      origin: {
        runId: 'pipeline-01KAP3M2Q4V8Z0W6T5R7Y9X1BC',
        from: 3,
        latest: true,
        outputs: [
          { step: 1, output: { value: 'one' } },
          { step: 2, output: { value: 'two' } },
        ],
      },
    },
  },
  'single-lost-rescheduled': { plan: step('test/once'), act: loseWorker },
  'single-lost-outcome-unknown': { plan: step('test/frozen'), act: loseWorker },
};

function inSequence(...ids: readonly string[]): Plan<RequestedStep> {
  return { kind: 'sequence', plans: ids.map(step) };
}

function inTurn(...acts: readonly Act[]): Act {
  return async (deployment, runId) => {
    for (const act of acts) await act(deployment, runId);
  };
}

/** What the run's record says, once it says that. */
async function recordAs({ ports }: Deployment, runId: string, status: RunStatus): Promise<RunRecord> {
  for (;;) {
    const record = (await ports.records.get('runs', runKey(runId))) as RunRecord | undefined;
    if (record?.status === status) return record;
    await delay(20);
  }
}

function decideAs(decision: DecisionWord): Act {
  return async (deployment, runId) => {
    const { approval } = await recordAs(deployment, runId, 'awaiting_approval');
    const { digest = '' } = approval ?? {};
    const argument: Decision = { decision, digest, principal, tenant: 'default', via: 'cli' };
    await updateRun(deployment.temporal, { runId, name: DECIDE_UPDATE, argument });
  };
}

/** For steps that wait one after the other. */
function approveBefore(number: number): Act {
  return async (deployment, runId) => {
    while ((await recordAs(deployment, runId, 'awaiting_approval')).approval?.step !== number)
      await delay(20);
    await decideAs('approved')(deployment, runId);
  };
}

function orders(...commands: readonly StepCommand[]): Act {
  return async (deployment, runId) => {
    for (const argument of commands) {
      const { pause } = await recordAs(deployment, runId, 'paused');
      await updateRun(deployment.temporal, { runId, name: STEP_UPDATE, argument });
      if (argument.command === 'break' || argument.command === 'edit') continue;
      while (await isStillPaused(deployment, runId, pause?.step)) await delay(20);
    }
  };
}

async function isStillPaused({ ports }: Deployment, runId: string, step?: number): Promise<boolean> {
  const record = (await ports.records.get('runs', runKey(runId))) as RunRecord | undefined;
  return record?.status === 'paused' && record.pause?.step === step;
}

function signals(...sent: readonly (readonly [string, string?])[]): Act {
  return async ({ temporal, ports }, runId) => {
    const isWaiting = async () => {
      const record = (await ports.records.get('runs', runKey(runId))) as RunRecord | undefined;
      return record?.status === 'paused' || record?.status === 'awaiting_approval';
    };
    for (const [name, ...values] of sent) {
      while (!(await isWaiting())) await delay(20);
      await temporal.client.workflow.getHandle(runId).signal(name, ...values);
      await delay(300); // who signals gets no answer
    }
  };
}

async function cancelParked(deployment: Deployment, runId: string): Promise<void> {
  await recordAs(deployment, runId, 'awaiting_approval');
  await deployment.temporal.client.workflow.getHandle(runId).cancel();
}

async function undoAndCancel(deployment: Deployment, runId: string): Promise<void> {
  const handle = deployment.temporal.client.workflow.getHandle(runId);
  const isSlow = async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'test/slow') ?? false;
  };
  while (!(await isSlow())) await delay(20);
  await handle.signal(UNDO_SIGNAL);
  await handle.cancel();
}

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

async function record(name: string, { plan, more, act, policies }: Shape): Promise<void> {
  const file = join(folder, `${name}.json`);
  if (existsSync(file)) return;
  const { openDeployment, rootWith } = await import('../support/deployment.ts');
  const root = rootWith(SKILLS);
  const large = { skill_id: 'test/report', when: { '/amount': { gt: 1000 } } };
  const approvals = { policies: [{ skill_id: 'test/asked', requires_approval: true }, large] };
  writeFiles(root, { [APPROVAL_FILE]: JSON.stringify(approvals) });
  if (policies !== undefined) writeFiles(root, { [PERMISSION_FILE]: JSON.stringify(policies) });
  const deployment = await openDeployment(root);
  if (act !== loseWorker) await deployment.startWorker();
  const ask = { plan, payload: 'hello', principal, tenant: 'default', ...more };
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
