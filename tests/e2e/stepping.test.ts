/** Stepping through runs: by command, by Update and by signal, over restarts, and with what an edit does to an approval. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import type { JsonValue } from '../../core/json.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { STEP_UPDATE } from '../../workflows/messages.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

/** Adds its letter to a text, and to a file of that name. */
const adding = (letter: string) => `
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
export function run(text: string) {
  appendFileSync(join(process.env.HOME ?? '', 'ran'), '${letter}');
  return text + '${letter}';
}`;

const SKILLS = {
  'step/a': { code: "export const run = (text: string) => text + 'a';" },
  'step/b': { code: "export const run = (text: string) => text + 'b';" },
  'step/c': { code: "export const run = (text: string) => text + 'c';" },
  'step/large': { code: "export const run = () => 'x'.repeat(50_000);" },
  'step/pay': { code: 'export const run = () => true;' },
  'step/wipe': { code: adding('w'), manifest: 'side_effects: destructive\n' },
};

interface RunDocument {
  readonly run_id: string;
  readonly status: string;
  readonly reason?: string;
  readonly result?: JsonValue;
  readonly waited_ms?: number;
  readonly paused_before?: { readonly step: number; readonly skill: string; readonly input: JsonValue };
}

let deployment: Deployment;
let worker: SkillosProcess;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS));
  const large = { skill_id: 'step/pay', policy_id: 'large', when: { '/amount': { gt: 1000 } } };
  mkdirSync(join(deployment.root, 'policies'));
  writeFileSync(join(deployment.root, APPROVAL_FILE), JSON.stringify([large]));
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

const call = (...argv: readonly string[]) => runCli(argv, { env: deployment.env });

async function json(...argv: readonly string[]): Promise<RunDocument & { code: number }> {
  const { code, stdout } = await call(...argv, '--json');
  return { code, ...(JSON.parse(stdout) as RunDocument) };
}

const ABC = ['--step', 'step/a', '--step', 'step/b', '--step', 'step/c'];

/** A run that is paused before its first step. */
async function begin(steps: readonly string[] = ABC): Promise<string> {
  const started = await json('pipeline', 'run', ...steps, '--payload', 'x', '--step-through');
  expect(started).toMatchObject({ code: 4, status: 'paused' });
  return started.run_id;
}

const handleOf = (runId: string) => deployment.temporal.client.workflow.getHandle(runId);

async function pausedAt(runId: string, step: number): Promise<RunDocument> {
  let seen: RunDocument | undefined;
  await eventually(async () => {
    seen = await json('debug', runId);
    expect(seen.paused_before?.step).toBe(step);
  });
  return seen as RunDocument;
}

test('a run that is terminated while it is paused has waited until then', async () => {
  const runId = await begin();
  await json('debug', runId, 'next');
  await pausedAt(runId, 2);
  await handleOf(runId).terminate('a test');
  await expect(json('runs', 'show', runId)).resolves.toMatchObject({ status: 'error' });
  const record = await runRecords(deployment.ports.records).get(runId);
  expect(record).toMatchObject({ waitedMs: expect.any(Number) });
  expect(Object.keys(record ?? {})).not.toContain('pause');
});

test('without a terminal the run stays paused, and it is said how to go on', async () => {
  const { code, stdout, stderr } = await call('run-skill', 'step/a', '--payload', 'x', '--step-through');
  const runId = stdout.replace('paused: ', '').trim();
  expect(code).toBe(4);
  expect(stderr).toContain(`skillos debug ${runId} next`);
  const shown = await call('debug', runId);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(
    `paused: ${runId}\nnext       step 1 step/a\ninput\n  x\nsteps\n  1 step/a paused\ncommands\n`,
  );
});

test('goes step by step, and on to the end', async () => {
  const runId = await begin();
  const second = await json('debug', runId, 'next');
  expect(second).toMatchObject({
    code: 4,
    status: 'paused',
    paused_before: { step: 2, skill: 'step/b', input: 'xa' },
  });
  expect(await json('debug', runId, 'continue')).toMatchObject({
    code: 0,
    status: 'success',
    result: 'xabc',
  });
  const record = await runRecords(deployment.ports.records).get(runId);
  const { waited_ms: waited } = await json('runs', 'trace', runId);
  expect([record?.waitedMs, waited].every((ms) => Number(ms) > 0)).toBe(true);
});

test('hands the input of a step on that is skipped', async () => {
  const runId = await begin();
  await call('debug', runId, 'next');
  expect(await json('debug', runId, 'skip')).toMatchObject({ paused_before: { step: 3, input: 'xa' } });
  expect(await json('debug', runId, 'next')).toMatchObject({ status: 'success', result: 'xac' });
});

test('runs a step with the input that it is given', async () => {
  const runId = await begin();
  const edited = await json('debug', runId, 'edit', '--input', '"mine"');
  expect(edited).toMatchObject({ code: 0, status: 'paused', paused_before: { step: 1, input: 'mine' } });
  expect(await json('debug', runId, 'continue')).toMatchObject({ result: 'mineabc' });
});

test('runs on to a breakpoint', async () => {
  const runId = await begin();
  expect(await json('debug', runId, 'break', 'step.c')).toMatchObject({ code: 0, status: 'paused' });
  expect(await json('debug', runId, 'continue')).toMatchObject({
    code: 4,
    paused_before: { step: 3, input: 'xab' },
  });
});

test('is cancelled by abort', async () => {
  const runId = await begin();
  expect(await json('debug', runId, 'abort')).toMatchObject({ code: 1, status: 'cancelled' });
  const { status } = await handleOf(runId).describe();
  expect(status.name).toBe('CANCELLED');
});

test('shows a large input whole', async () => {
  const runId = await begin(['--step', 'step/large', '--step', 'step/a']);
  const { paused_before: paused } = await json('debug', runId, 'next');
  expect(paused?.input).toBe('x'.repeat(50_000));
});

test('steps through the members of a group one by one', async () => {
  const runId = await begin(['--step', 'step/a|step/b|step/c', '--step', 'step/a']);
  expect(await json('debug', runId, 'next')).toMatchObject({ paused_before: { step: 2, input: 'x' } });
  expect(await json('debug', runId, 'skip')).toMatchObject({ paused_before: { step: 3, input: 'x' } });
  expect(await json('debug', runId, 'next')).toMatchObject({
    paused_before: { step: 4, input: 'xa\nx\nxc' },
  });
  expect(await json('debug', runId, 'next')).toMatchObject({ status: 'success', result: 'xa\nx\nxca' });
});

test('takes signals of the Web UI, with the new input as JSON', async () => {
  const runId = await begin();
  const handle = handleOf(runId);
  await handle.signal('edit', { city: 'Kazan' });
  await eventually(async () =>
    expect(await json('debug', runId)).toMatchObject({ paused_before: { input: { city: 'Kazan' } } }),
  );
  await handle.signal('edit', 'web');
  await handle.signal('next');
  expect(await pausedAt(runId, 2)).toMatchObject({ paused_before: { input: 'weba' } });
  await handle.signal('skip');
  await pausedAt(runId, 3);
  await handle.signal('continue');
  expect(await handle.result()).toMatchObject({ output: { value: 'webac' } });
});

test('takes Updates of the Web UI, and refuses what is none', async () => {
  const runId = await begin();
  const handle = handleOf(runId);
  for (const wrong of [
    null,
    'next',
    { command: 'jump' },
    { command: 'edit', input: 'x' },
    { command: 'edit' },
  ]) {
    await expect(handle.executeUpdate(STEP_UPDATE, { args: [wrong] })).rejects.toMatchObject({
      cause: { type: 'usage' },
    });
  }
  await handle.executeUpdate(STEP_UPDATE, { args: [{ command: 'edit', input: { value: 'web' } }] });
  await handle.executeUpdate(STEP_UPDATE, { args: [{ command: 'continue' }] });
  expect(await handle.result()).toMatchObject({ output: { value: 'webabc' } });
});

test.each([
  ['json/protobuf', '"web"', 'weba'],
  ['json/plain', 'no json', 'xa'],
])('goes on after an edit by signal as %s: %s', async (encoding, text, expected) => {
  const { run_id: runId } = await json('run-skill', 'step/a', '--payload', 'x', '--step-through');
  const { client, target } = deployment.temporal;
  const payload = { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(text) };
  await client.workflowService.signalWorkflowExecution({
    namespace: target.namespace,
    workflowExecution: { workflowId: runId },
    signalName: 'edit',
    input: { payloads: [payload] },
  });
  expect(await json('debug', runId, 'next')).toMatchObject({ status: 'success', result: expected });
  expect((await json('runs', 'trace', runId)).status).toBe('success');
});

test('asks again for an approval when an input is edited', async () => {
  const started = await json(
    'pipeline',
    'run',
    '--step',
    'step/a',
    '--step',
    'step/wipe',
    '--payload',
    'x',
    '--step-through',
    '--approval',
    'approved',
  );
  expect(started).toMatchObject({ code: 4, status: 'paused' });
  const runId = started.run_id;
  await call('debug', runId, 'next');
  await call('debug', runId, 'edit', '--input', '"other"');
  const waiting = await json('debug', runId, 'next');
  expect(waiting).toMatchObject({ code: 4, status: 'awaiting_approval' });
  expect(existsSync(join(deployment.root, 'ran'))).toBe(false);
  expect(await call('approve', runId)).toMatchObject({ code: 0 });
  expect(await json('runs', 'watch', runId)).toMatchObject({ status: 'success', result: 'otherw' });
});

test.each([
  [9000, ['about      /amount: 9000']],
  [5, null],
])(
  'shows of an edit to %i what the policy looked at in it, and nothing from before',
  async (amount, shown) => {
    const pay = ['run-skill', 'step/pay', '--payload', '{"amount":5000}'];
    const { run_id: runId } = await json(...pay, '--step-through', '--approval', 'approved');
    await call('debug', runId, 'edit', '--input', `{"amount":${amount}}`);
    expect(await json('debug', runId, 'next')).toMatchObject({ status: 'awaiting_approval' });
    const { stdout } = await call('approvals', 'show', runId);
    expect(stdout.match(/^about .*$/gm)).toEqual(shown);
    await call('deny', runId);
  },
);

describe('what cannot be', () => {
  test.each([
    [['next', '--input', '1'], 2, 'usage'],
    [['edit'], 2, 'usage'],
    [['edit', '--input', '{bad'], 2, 'usage'],
    [['jump'], 2, 'usage'],
    [['break'], 2, 'usage'],
    [['break', '4'], 2, 'unknown_step'],
    [['break', '0'], 2, 'unknown_step'],
    [['break', 'step/x'], 2, 'unknown_step'],
    [['break', '1'], 1, 'step_finished'],
  ])('%j exits with %i', async (order, code, error) => {
    const runId = await begin();
    await call('debug', runId, 'next');
    const { code: exit, stdout } = await call('debug', runId, ...order, '--json');
    expect([exit, JSON.parse(stdout)]).toEqual([code, expect.objectContaining({ code: error })]);
    expect(await json('debug', runId)).toMatchObject({ paused_before: { step: 2 } });
  });

  test('another tenant sees no such run', async () => {
    const runId = await begin();
    const env = { ...deployment.env, SKILLOS_TENANT_ID: 'other' };
    for (const argv of [
      ['debug', runId, 'next'],
      ['runs', 'rerun', runId],
      ['runs', 'trace', runId],
    ]) {
      const { code, stdout } = await runCli([...argv, '--json'], { env });
      expect([code, JSON.parse(stdout)]).toEqual([2, expect.objectContaining({ code: 'unknown_run' })]);
    }
  });

  test('is said of a run that is not paused, has ended, or is none', async () => {
    const done = await json('run-skill', 'step/a');
    const waiting = await json('run-skill', 'step/wipe');
    const errors = await Promise.all(
      [done.run_id, waiting.run_id, 'step.a-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'].map(async (runId) => {
        const { stdout } = await call('debug', runId, 'next', '--json');
        return (JSON.parse(stdout) as { code: string }).code;
      }),
    );
    expect(errors).toEqual(['run_finished', 'run_not_paused', 'unknown_run']);
  });
});

test('survives that the worker is killed and another one comes', async () => {
  const runId = await begin();
  await call('debug', runId, 'break', '3');
  worker.signal('SIGKILL');
  await worker.ended;
  worker = await startWorkerProcess(deployment.env);
  expect(await json('debug', runId)).toMatchObject({ paused_before: { step: 1, input: 'x' } });
  expect(await json('debug', runId, 'continue')).toMatchObject({ paused_before: { step: 3, input: 'xab' } });
});

test('tells the audit log who steered', async () => {
  const { stdout } = await call('audit', 'list', '--action', 'run_steered', '--limit', '1000', '--json');
  const { items } = JSON.parse(stdout) as { items: readonly { readonly after: JsonValue }[] };
  expect(items.map(({ after }) => after)).toEqual(
    expect.arrayContaining([
      { command: 'skip', step: 2 },
      { command: 'break', step: 3 },
    ]),
  );
});
