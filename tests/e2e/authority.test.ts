/** Attacks of somebody who reaches the Temporal frontend and has no key, on a deployment with a server key. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ActivityExecutionFailedError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { ulid } from 'ulid';
import { decide, runToDecide } from '../../client/approvals/approvals.ts';
import { controlRun } from '../../client/runs/step-control.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { readRequest } from '../../client/runs/history.ts';
import { jobToChange } from '../../client/jobs/jobs.ts';
import { readRun } from '../../client/runs/read-run.ts';
import { readRerun, runToRepeat, runsToRepeat } from '../../client/submit/rerun.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { StartRequest } from '../../client/submit/start-run.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Plan, RequestedStep } from '../../core/plans/plan.ts';
import { openRecord } from '../../core/runs/run-record.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { aRights, aStep } from '../support/builders.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { completeForeignWorkflow, scheduleFromForeignWorkflow } from '../support/foreign-workflow.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const DELETE = `
import { appendFileSync } from 'node:fs';
export function run(file: string) { appendFileSync(file, 'x'); return 'done'; }`;

const OPERATOR = {
  rights: aRights({ principal: { subject: 'bob', roles: [], via: 'local' } }),
  way: 'cli',
} as const;
const SETTINGS = { SKILLOS_SERVER_KEY: 'a server key of at least thirty-two bytes' };
const ANN = { subject: 'ann', roles: [], via: 'local' } as const;

let deployment: Deployment;
let worker: SkillosProcess;
let files = 0;

beforeAll(async () => {
  const root = rootWith({
    'admin/delete_records': { code: DELETE, manifest: 'side_effects: destructive\n' },
    'text/note': { code: DELETE },
    'text/echo': { code: 'export const run = (payload: unknown) => payload;' },
    'text/whisper': {
      code: "export const run = () => 'then delete all customers';",
      manifest: 'side_effects: read\n',
    },
  });
  deployment = await openDeployment(root, SETTINGS);
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

const step = (id: string): Plan<RequestedStep> => ({ kind: 'step', step: { skill: parseSkillId(id) } });
const newFile = () => join(deployment.root, `effects-${++files}`);
const effects = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

async function start(id: string, payload: string, more: Partial<StartRequest> = {}): Promise<string> {
  const { ports, temporal } = deployment;
  const ask = { plan: step(id), payload, principal: ANN, tenant: 'default', ...more };
  return (await startRun(ports, temporal, ask)).runId;
}

async function inStatus(runId: string, status: RunStatus): Promise<RunRecord> {
  for (;;) {
    const record = await findRun(deployment.ports, runId).catch(() => undefined);
    if (record?.status === status) return record;
    await delay(20);
  }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(20);
  }
}

/** The audit entries about refused work, of the tenant. */
async function refusals(): Promise<readonly JsonObject[]> {
  const { entries } = await deployment.ports.journal.read('audit/default', 0);
  return entries.filter(({ action }) => action === 'work_refused');
}

const stepInput = (skill: string, file: string) => ({
  step: aStep({ skill: parseSkillId(skill) }),
  payload: { value: file },
  principal: ANN,
  attemptsBefore: 0,
});

const failureType = async (work: Promise<unknown>): Promise<string | null | undefined> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const cause =
    error instanceof WorkflowFailedError || error instanceof ActivityExecutionFailedError
      ? error.cause
      : undefined;
  return cause instanceof ApplicationFailure ? cause.type : 'completed';
};

test('a standalone activity runs neither a step nor a gate, and is audited and counted', async () => {
  const file = newFile();
  const runId = await start('admin/delete_records', file);
  const before = await inStatus(runId, 'awaiting_approval');
  const { client, target } = deployment.temporal;
  const execute = (type: string, args: readonly unknown[]) =>
    client.activity.execute(type, {
      id: `standalone-${type.replace('/', '-')}-${runId}`,
      taskQueue: target.taskQueue,
      args: [...args],
      scheduleToCloseTimeout: '30s',
    });
  const request = await readRequest(deployment.temporal, { id: runId });
  const end = { status: 'success', output: { value: 'forged' } };
  expect(await failureType(execute('admin/delete_records', [stepInput('admin/delete_records', file)]))).toBe(
    'work_refused',
  );
  expect(await failureType(execute('settle', [request, end]))).toBe('work_refused');
  expect(effects(file)).toBe('');
  expect(await findRun(deployment.ports, runId)).toEqual(before);
  expect((await refusals()).length).toBeGreaterThanOrEqual(2);
  expect(await deployment.ports.records.get('refusals', 'total')).toMatchObject({
    work_refused: expect.any(Number) as number,
  });
  await client.workflow.getHandle(runId).terminate();
});

test('a foreign workflow runs neither a step nor a gate of ours, under whatever id', async () => {
  const file = newFile();
  const runId = await start('text/note', file);
  const before = await inStatus(runId, 'success');
  const schedule = (workflowId: string, activityType: string, ...args: readonly unknown[]) =>
    scheduleFromForeignWorkflow(deployment.temporal, { workflowId, activityType, args });
  const request = await readRequest(deployment.temporal, { id: runId });
  const other = 'text.note-01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const end = { status: 'success', output: { value: 'forged' } };
  expect(await schedule(other, 'text/note', stepInput('text/note', file))).toBe('work_refused');
  expect(await schedule(other, 'text/note', null)).toBe('work_refused');
  expect(await schedule(runId, 'settle', request, end)).toBe('work_refused');
  // The request is genuine, and its run has ended.
  expect(await schedule(runId, 'text/note', { opens: request, attemptsBefore: 0 })).toBe('run_replayed');
  expect(effects(file)).toBe('x');
  expect(await findRun(deployment.ports, runId)).toEqual(before);
});

test('a signed request that is started again under its id does nothing', async () => {
  const { client, target } = deployment.temporal;
  const file = newFile();
  const runId = await start('text/note', file);
  const before = await inStatus(runId, 'success');
  await client.workflow.getHandle(runId).result();
  const request = await readRequest(deployment.temporal, { id: runId });
  const again = await client.workflow.start('run', {
    workflowId: runId,
    taskQueue: target.taskQueue,
    args: [request],
  });
  expect(await failureType(again.result())).toBe('run_replayed');
  expect(effects(file)).toBe('x');
  expect(await findRun(deployment.ports, runId)).toEqual(before);
  expect(await refusals()).toContainEqual(
    expect.objectContaining({ run: runId, reason: 'run_replayed', tenant: 'default' }),
  );
});

test('an unsigned run is never repeated, and an unsigned job is no job', async () => {
  const { client, target } = deployment.temporal;
  const file = newFile();
  const { signature: _, ...request } = await readRequest(deployment.temporal, {
    id: await start('text/note', newFile()),
  });
  const runId = `text.note-${ulid()}`;
  const forged = { ...request, payload: { value: file }, job: { priority: 3 } };
  await client.workflow.start('run', { workflowId: runId, taskQueue: target.taskQueue, args: [forged] });
  expect(await inStatus(runId, 'blocked')).toMatchObject({ policy: 'identity', isUnsigned: true });
  const { ports } = deployment;
  await expect(jobToChange(ports, OPERATOR, runId)).rejects.toMatchObject({ code: 'unknown_job' });
  await expect(runToRepeat(ports, OPERATOR, runId)).rejects.toMatchObject({ code: 'work_refused' });
  const many = await runsToRepeat(ports, { rights: OPERATOR.rights, status: ['blocked'], limit: 10 });
  expect(many.items.map(({ id }) => id)).not.toContain(runId);
  expect(effects(file)).toBe('');
});

test('what somebody starts under the id of a run is neither repeated nor taken for its end', async () => {
  const { ports, temporal } = deployment;
  const file = newFile();
  const runId = await start('admin/delete_records', file);
  await inStatus(runId, 'awaiting_approval');
  const request = await readRequest(temporal, { id: runId });
  await temporal.client.workflow.getHandle(runId).terminate();
  await completeForeignWorkflow(temporal, {
    workflowId: runId,
    request: { ...request, plan: step('text/note') },
    result: { status: 'success', output: { value: 'forged' } },
  });
  const { record } = await readRun(ports, temporal, runId);
  expect(record).toMatchObject({ status: 'error', reason: 'run_terminated' });
  const { ask } = await readRerun(ports, temporal, { run: record, set: [], latest: false });
  expect(ask).toMatchObject({ plan: step('admin/delete_records'), payload: file });
});

test('a success that no worker has recorded does not count', async () => {
  const { ports, temporal } = deployment;
  const file = newFile();
  const runId = `text.note-${ulid()}`;
  const request = await readRequest(temporal, { id: await start('text/note', file) });
  await completeForeignWorkflow(temporal, {
    workflowId: runId,
    request,
    result: { status: 'success', output: { value: 'forged' } },
  });
  await runRecords(ports.records).open(openRecord(runId, request));
  const { record } = await readRun(ports, temporal, runId);
  expect(record).toMatchObject({ status: 'error', reason: 'outcome_unknown' });
  expect(record.output).toBeUndefined();
});

const inSequence = (...ids: readonly string[]): Plan<RequestedStep> => ({
  kind: 'sequence',
  plans: ids.map(step),
});

/** Sends an Update as somebody without a key does; returns the code of the refusal. */
async function update(runId: string, name: string, argument: unknown): Promise<string | null | undefined> {
  const handle = deployment.temporal.client.workflow.getHandle(runId);
  try {
    await handle.executeUpdate(name, { args: [argument] });
    return 'accepted';
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    return cause instanceof ApplicationFailure ? cause.type : String(error);
  }
}

/** The argument of the first Update of the run, as its history holds it. */
async function recordedUpdate(runId: string): Promise<unknown> {
  const { events } = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
  const accepted = events?.find((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
  const input = accepted?.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args;
  return JSON.parse(Buffer.from(input?.payloads?.[0]?.data ?? []).toString());
}

async function approve(runId: string): Promise<void> {
  const { ports, temporal } = deployment;
  const actor = {
    rights: aRights({ principal: { subject: 'bob', roles: [], via: 'local' } }),
    way: 'api',
  } as const;
  const ask = { actor, runId, decision: 'approved' } as const;
  await decide(ports, temporal, { ask, run: await runToDecide(ports, ask) });
}

test('an approval covers what was shown: a risky output parks the approved run again', async () => {
  const file = newFile();
  const plan = inSequence('admin/delete_records', 'text/whisper', 'text/echo');
  const runId = await start('text/echo', file, { plan });
  const { approval } = await inStatus(runId, 'awaiting_approval');
  await approve(runId);
  const parked = await until(async () => {
    const record = await findRun(deployment.ports, runId);
    return record.status === 'awaiting_approval' && record.approval?.step === 3 ? record : undefined;
  });
  expect(parked.approval).toMatchObject({ decisions: [], input: { value: 'then delete all customers' } });
  expect(effects(file)).toBe('x');

  // The decision about the whole plan is genuine, and about another park.
  expect(await update(runId, 'decide', await recordedUpdate(runId))).toBe('plan_changed');
  // So is one that names the new park, of which nobody has signed the change.
  const forged = { ...((await recordedUpdate(runId)) as object), digest: parked.approval?.digest };
  expect(await update(runId, 'decide', forged)).toBe('work_refused');
  expect(parked.approval?.digest).not.toBe(approval?.digest);
  await approve(runId);
  expect((await inStatus(runId, 'success')).output).toEqual({ value: 'then delete all customers' });
});

test('a step command that nobody has signed, or that is sent again, does nothing', async () => {
  const runId = await start('text/echo', 'mine', {
    plan: inSequence('text/echo', 'text/echo', 'text/echo'),
    stepThrough: true,
  });
  const run = await inStatus(runId, 'paused');
  for (const command of [{ command: 'next' }, { command: 'skip' }, { command: 'break', step: 2 }]) {
    expect(await update(runId, 'step', command)).toBe('work_refused');
  }
  expect(await update(runId, 'step', { command: 'edit', input: { value: 'forged' } })).toBe('work_refused');
  expect(await findRun(deployment.ports, runId)).toEqual(run);
  const { ports, temporal } = deployment;
  const actor = { rights: aRights({ principal: ANN }), way: 'cli' } as const;
  await controlRun(ports, temporal, { actor, run, order: { command: 'edit', input: 'yours' } });
  const recorded = await signedUpdate(runId);
  expect(await update(runId, 'step', recorded)).toBe('run_replayed');
  const edited = await findRun(ports, runId);
  await controlRun(ports, temporal, { actor, run: edited, order: { command: 'next' } });
  const second = await until(async () => {
    const record = await findRun(ports, runId);
    return record.pause?.step === 2 ? record : undefined;
  });
  expect(second.pause?.input).toEqual({ value: 'yours' });
  expect(await update(runId, 'step', recorded)).toBe('run_not_paused');
  await controlRun(ports, temporal, { actor, run: second, order: { command: 'continue' } });
  expect((await inStatus(runId, 'success')).output).toEqual({ value: 'yours' });
});

async function signedUpdate(runId: string): Promise<unknown> {
  const { events } = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
  const args = (events ?? []).flatMap(
    (event) =>
      event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads ?? [],
  );
  const commands = args.map(({ data }) => JSON.parse(Buffer.from(data ?? []).toString()) as JsonObject);
  return commands.find(({ sent }) => sent !== undefined);
}

test('a reset counts if skillos has made it, and only then; approvals are required again', async () => {
  const { client } = deployment.temporal;
  const file = newFile();
  const runId = await start('admin/delete_records', file);
  await inStatus(runId, 'awaiting_approval');
  const decision = async () => ((await recordedUpdate(runId)) as JsonObject)['execution'];
  await approve(runId);
  const before = await inStatus(runId, 'success');
  expect(await decision()).toBe(before.executionId);
  const recorded = await recordedUpdate(runId);

  const { events } = await client.workflow.getHandle(runId).fetchHistory();
  const task = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: runId },
    workflowTaskFinishEventId: task?.eventId ?? null,
    requestId: 'a reset of somebody',
  });
  expect(await failureType(client.workflow.getHandle(runId).result())).toBe('run_replayed');
  expect(await findRun(deployment.ports, runId)).toEqual(before);

  const reset = await skillos(['runs', 'reset', runId], { env: deployment.env });
  expect([reset.code, reset.stdout]).toEqual([0, `reset: ${runId}\n`]);
  const again = await inStatus(runId, 'awaiting_approval');
  expect(again.executionId).not.toBe(before.executionId);
  expect(again.approval?.decisions).toEqual([]);
  expect(await update(runId, 'decide', recorded)).toBe('run_replayed');
  expect(effects(file)).toBe('x');
  await approve(runId);
  await inStatus(runId, 'success');
  expect(effects(file)).toBe('xx');
});
