/** A run of one step begins inside the activity of that step, and what keeps it from going on does not begin the step. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import type { WorkerPorts } from '../../activities/ports.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { StartRequest } from '../../client/submit/start-run.ts';
import { traceRun } from '../../client/runs/watch.ts';
import { APPROVAL_FILE } from '../../core/approvals/approval-file.ts';
import type { JsonObject } from '../../core/json.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { PERMISSION_FILE } from '../../core/rights/permission-file.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { runKey } from '../../core/values/run-id.ts';
import { openRecord } from '../../core/runs/run-record.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { openDeployment, rootWith, writeSkill } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { writeFiles } from '../support/write-files.ts';

const NOTES = `
import { appendFileSync } from 'node:fs';
export function run(file: string, ctx: { attempt: number }) {
  appendFileSync(file, 'attempt ' + ctx.attempt + '\\n');
  return 'noted';
}`;
const AGAIN = `
import { appendFileSync } from 'node:fs';
export function run(file: string, ctx: { attempt: number }) {
  appendFileSync(file, 'attempt ' + ctx.attempt + '\\n');
  if (ctx.attempt === 1) throw new Error('not yet');
  return 'as it was';
}`;
const AGAIN_MANIFEST = 'side_effects: read\nretry: { initial: 500ms }\n';

let deployment: Deployment;
/** Runs whose record another worker has ended before they are recorded as begun. */
const ended = new Set<string>();

beforeAll(async () => {
  const root = rootWith({
    'test/note': { code: NOTES },
    'test/secret': { code: NOTES },
    'test/asked': { code: NOTES },
    'test/wipe': { code: NOTES, manifest: 'side_effects: destructive\n' },
    'test/again': { code: AGAIN, manifest: AGAIN_MANIFEST },
    'test/overtaken': { code: NOTES },
    'test/twice': { code: AGAIN, manifest: 'retry: { max_attempts: 2, initial: 100ms }\n' },
    'test/once': { code: AGAIN },
  });
  writeFiles(root, {
    [PERMISSION_FILE]: JSON.stringify({ policies: [{ skill_id: 'test/secret', permissions: 'x' }] }),
    [APPROVAL_FILE]: JSON.stringify({ policies: [{ skill_id: 'test/asked', requires_approval: true }] }),
  });
  deployment = await openDeployment(root);
  await deployment.startWorkerWith(endingSome);
});

afterAll(() => deployment.close());

/** As where a worker stalls until its run is given up, or until another one has begun its step, and goes on after that. */
function endingSome(ports: WorkerPorts): WorkerPorts {
  const { records } = ports;
  return {
    ...ports,
    records: {
      ...records,
      update: async (kind, key, change) => {
        const { workflowId: id = '', runId: executionId = '' } = activityInfo().workflowExecution ?? {};
        if (kind === 'runs' && key === runKey(id) && id.startsWith('test.note') && ended.has('next')) {
          ended.delete('next');
          ended.add(id);
          await records.update('runs', key, () => endedRecord(id, executionId) as unknown as JsonObject);
        }
        return records.update(kind, key, (current) => {
          const changed = change(current);
          return id.startsWith('test.overtaken') ? change(begunElsewhere(changed, executionId)) : changed;
        });
      },
    },
  };
}

/** Changes no record that has ended. */
function begunElsewhere<Record extends JsonObject | undefined>(record: Record, executionId: string): Record {
  if (record === undefined || 'endedAt' in record) return record;
  return { ...record, begun: { 1: { executionId, attempt: 'of another worker' } } };
}

function endedRecord(id: string, executionId: string): RunRecord {
  const { principal, tenant } = askOf('test/note', '');
  const request = { plan: parseSteps(['test/note']), payload: { value: '' }, principal, tenant };
  const endedAt = new Date().toISOString();
  const error = { code: 'outcome_unknown', message: 'Worker lost', step: 1 } as const;
  return {
    ...openRecord(id, { ...request, askedAt: endedAt }),
    executionId,
    status: 'error',
    error,
    endedAt,
  };
}

function askOf(skill: string, file: string): StartRequest {
  return {
    plan: parseSteps([skill]),
    payload: file,
    principal: { subject: 'tester', roles: [], via: 'local' },
    tenant: 'default',
  };
}

function fileOf(name: string): string {
  return join(deployment.root, name);
}

async function start(skill: string, file: string): Promise<string> {
  const { ports, temporal } = deployment;
  return (await startRun(ports, temporal, askOf(skill, file))).runId;
}

const traceOf = (runId: string) => traceRun(deployment.ports, deployment.temporal, runId);
const resultOf = (runId: string) => deployment.temporal.client.workflow.getHandle(runId).result();

async function activitiesOf(runId: string): Promise<readonly string[]> {
  const { events } = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const failure = event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type;
    if (failure) return [failure];
    return event.activityTaskCompletedEventAttributes ? ['done'] : [];
  });
}

async function expectNothingHeld(): Promise<void> {
  await eventually(async () => {
    const limits = await deployment.ports.records.get<Limits>(LIMITS_KIND, 'default');
    expect(limits?.reservations ?? {}).toEqual({});
  });
}

test('a run that a policy blocks has no step, and holds nothing', async () => {
  const file = fileOf('blocked');
  const runId = await start('test/secret', file);
  expect(await resultOf(runId)).toMatchObject({ status: 'blocked', reason: 'permission_denied' });
  expect(await activitiesOf(runId)).toEqual(['permission_denied']);
  const trace = await traceOf(runId);
  expect(trace).toMatchObject({ steps: [], end: { status: 'blocked' } });
  expect(existsSync(file)).toBe(false);
  await expectNothingHeld();
});

test('a run that waits for people begins its step when they have approved', async () => {
  const file = fileOf('approved');
  const runId = await start('test/asked', file);
  await eventually(async () => {
    expect(await findRun(deployment.ports, runId)).toMatchObject({ status: 'awaiting_approval' });
    expect(await traceOf(runId)).toMatchObject({ steps: [], prepared: { digest: expect.any(String) } });
  });
  expect(existsSync(file)).toBe(false);
  await deployment.temporal.client.workflow.getHandle(runId).signal('approve');
  expect(await resultOf(runId)).toMatchObject({ status: 'success', output: { value: 'noted' } });
  expect(await activitiesOf(runId)).toEqual(['approval_required', 'done']);
  expect(await traceOf(runId)).toMatchObject({ steps: [{ number: 1, status: 'success', attempts: 1 }] });
  expect(readFileSync(file, 'utf8')).toBe('attempt 1\n');
});

test('a caller whose catalog is behind gets the terms of the worker’s', async () => {
  const { ports, temporal } = deployment;
  const file = fileOf('behind');
  const behind = {
    ...ports.catalogs,
    find: async (id: Parameters<typeof ports.catalogs.find>[0]) => {
      const entry = await ports.catalogs.find(id);
      return entry && { ...entry, manifest: { ...entry.manifest, timeout: 1 } };
    },
  };
  const { runId } = await startRun({ ...ports, catalogs: behind }, temporal, askOf('test/note', file));
  expect(await resultOf(runId)).toMatchObject({ status: 'success', output: { value: 'noted' } });
  expect(await activitiesOf(runId)).toEqual(['plan_changed', 'done']);
  expect(readFileSync(file, 'utf8')).toBe('attempt 1\n');
  await expectNothingHeld();
});

test('a further attempt runs the code of the first, whatever was edited meanwhile', async () => {
  const file = fileOf('edited');
  const runId = await start('test/again', file);
  await eventually(() => expect(readFileSync(file, 'utf8')).toBe('attempt 1\n'));
  writeSkill(deployment.root, 'test/again', {
    code: 'export const run = () => "edited";',
    manifest: AGAIN_MANIFEST,
  });
  expect(await resultOf(runId)).toMatchObject({ status: 'success', output: { value: 'as it was' } });
  expect(readFileSync(file, 'utf8')).toBe('attempt 1\nattempt 2\n');
  expect(await findRun(deployment.ports, runId)).not.toHaveProperty('frozen');
});

test('a worker that has stalled until its run was given up does not begin it', async () => {
  ended.add('next');
  const file = fileOf('stalled');
  const runId = await start('test/note', file);
  await expect(resultOf(runId)).rejects.toMatchObject({ cause: { type: 'outcome_unknown' } });
  expect(ended).toEqual(new Set([runId]));
  expect(await activitiesOf(runId)).toEqual(['run_finished']);
  expect(existsSync(file)).toBe(false);
  await expectNothingHeld();
});

test('a worker that has stalled until another one has begun its step does not call the skill', async () => {
  const file = fileOf('overtaken');
  const runId = await start('test/overtaken', file);
  await expect(resultOf(runId)).rejects.toMatchObject({ cause: { type: 'outcome_unknown' } });
  expect(await activitiesOf(runId)).toEqual(['outcome_unknown']);
  expect(existsSync(file)).toBe(false);
  const record = await findRun(deployment.ports, runId);
  expect(record).toMatchObject({ status: 'error', attempts: 1 });
  expect(record).not.toHaveProperty('begun');
});

test('what is not safe to repeat has the attempts of its retry policy after failures, and no more', async () => {
  const [twice, once] = [fileOf('twice'), fileOf('once')];
  const runIds = await Promise.all([start('test/twice', twice), start('test/once', once)]);
  expect(await resultOf(runIds[0])).toMatchObject({ status: 'success', output: { value: 'as it was' } });
  await expect(resultOf(runIds[1])).rejects.toMatchObject({ cause: { type: 'skill_failed' } });
  expect(readFileSync(twice, 'utf8')).toBe('attempt 1\nattempt 2\n');
  expect(readFileSync(once, 'utf8')).toBe('attempt 1\n');
});

test('what a skill itself says must be approved is not scheduled before it is', async () => {
  const file = fileOf('wiped');
  const runId = await start('test/wipe', file);
  await eventually(async () => {
    expect(await findRun(deployment.ports, runId)).toMatchObject({ status: 'awaiting_approval' });
  });
  expect(await activitiesOf(runId)).toEqual([]);
  await deployment.temporal.client.workflow.getHandle(runId).signal('deny');
  expect(await resultOf(runId)).toMatchObject({ status: 'blocked', reason: 'approval_denied' });
  expect(await activitiesOf(runId)).toEqual([]);
  expect(existsSync(file)).toBe(false);
});
