/** Every message to a run, and every way in which it fails, with a payload key: both sides read it, the history does not show it. */
import { connectTemporal } from '../../client/temporal/connection.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { decide, runToDecide } from '../../client/approvals/approvals.ts';
import { cancelFor } from '../../client/runs/cancel.ts';
import { readRun } from '../../client/runs/read-run.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { controlRun } from '../../client/runs/step-control.ts';
import type { StepInstruction } from '../../client/runs/step-control.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { StartRequest } from '../../client/submit/start-run.ts';
import { dataConverterOf } from '../../adapters/temporal/payload-codec.ts';
import type { DecisionWord } from '../../core/approvals/approval.ts';
import type { RunRecord, RunStatus } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { STEP_SIGNALS, DECISION_SIGNALS, UNDO_SIGNAL } from '../../workflows/messages.ts';
import { aRights } from '../support/builders.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';

const KEY = 'a payload key of at least thirty-two bytes';
/** In every payload, comment and output. */
const MARK = 'nobody-reads-this-in-temporal';

const SKILLS = {
  'test/echo': { code: 'export const run = (payload: unknown) => payload;' },
  'test/wipe': {
    code: 'export const run = (payload: unknown) => payload;',
    manifest: 'side_effects: destructive\n',
  },
  'test/throw': {
    code: "export function run() { throw new Error('no luck'); }",
    manifest: 'retry: { max_attempts: 1 }\n',
  },
  'test/crash': {
    code: 'export const run = () => process.exit(1);',
    manifest: 'retry: { max_attempts: 1 }\n',
  },
  'test/beat': {
    code: `export const run = (payload: unknown, ctx: { heartbeat(value: unknown): void; signal: AbortSignal }) => {
      ctx.heartbeat(payload);
      return new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));
    };`,
  },
};

const ACTOR = { rights: aRights(), way: 'cli' } as const;

let deployment: Deployment;
let temporal: Temporal;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), { SKILLOS_PAYLOAD_KEY: KEY });
  await deployment.startWorker();
  temporal = await connectTemporal(deployment.temporal.target, dataConverterOf(KEY));
});

afterAll(async () => {
  await temporal.close();
  await deployment.close();
});

async function start(skill: string, more: Partial<StartRequest> = {}): Promise<string> {
  const { runId } = await startRun(deployment.ports, temporal, {
    plan: { kind: 'step', step: { skill: parseSkillId(skill) } },
    payload: MARK,
    principal: ACTOR.rights.principal,
    tenant: 'default',
    ...more,
  });
  return runId;
}

function inStatus(runId: string, status: RunStatus): Promise<RunRecord> {
  return eventually(async () => {
    const record = await findRun(deployment.ports, runId);
    expect(record.status).toBe(status);
    return record;
  });
}

/** The history as Temporal stores it, with bytes as text. */
async function stored(runId: string): Promise<string> {
  const history = await temporal.client.workflow.getHandle(runId).fetchHistory();
  return JSON.stringify(history, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
}

async function decideAs(runId: string, decision: DecisionWord): Promise<unknown> {
  const ask = { actor: ACTOR, runId, decision, comment: MARK };
  return decide(deployment.ports, temporal, { ask, run: await runToDecide(deployment.ports, ask) });
}

async function order(runId: string, instruction: StepInstruction): Promise<void> {
  const run = await findRun(deployment.ports, runId);
  await controlRun(deployment.ports, temporal, { actor: ACTOR, run, order: instruction });
}

const signal = (runId: string, name: string, ...args: readonly unknown[]) =>
  temporal.client.workflow.getHandle(runId).signal(name, ...args);

describe('the Update decide', () => {
  test.each([
    ['approved', 'success'],
    ['denied', 'blocked'],
  ] as const)('takes %s', async (word, status) => {
    const runId = await start('test/wipe');
    await inStatus(runId, 'awaiting_approval');
    expect(await decideAs(runId, word)).toMatchObject({ outcome: word });
    expect((await inStatus(runId, status)).approval?.decisions).toMatchObject([{ comment: MARK }]);
    expect(await stored(runId)).not.toContain(MARK);
  });

  test('is refused with its code and details', async () => {
    const runId = await start('test/wipe');
    const ask = { actor: ACTOR, runId, decision: 'approved' } as const;
    await inStatus(runId, 'awaiting_approval');
    const run = await runToDecide(deployment.ports, ask);
    const wrong = { ...ask, digest: '0'.repeat(64) };
    await expect(decide(deployment.ports, temporal, { ask: wrong, run })).rejects.toMatchObject({
      code: 'plan_changed',
    });
    await decideAs(runId, 'denied');
    await inStatus(runId, 'blocked');
  });
});

describe('the Update step', () => {
  const CASES: readonly [StepInstruction, RunStatus, unknown][] = [
    [{ command: 'next' }, 'success', MARK],
    [{ command: 'continue' }, 'success', MARK],
    [{ command: 'skip' }, 'success', MARK],
    [{ command: 'abort' }, 'cancelled', undefined],
  ];

  test.each(CASES)('takes %j', async (instruction, status, value) => {
    const runId = await start('test/echo', { stepThrough: true });
    await inStatus(runId, 'paused');
    await order(runId, { command: 'break', step: '1' });
    await order(runId, { command: 'edit', input: `${MARK} edited` });
    await eventually(async () => {
      expect((await findRun(deployment.ports, runId)).pause?.input).toEqual({ value: `${MARK} edited` });
    });
    await order(runId, { command: 'edit', input: MARK });
    await order(runId, instruction);
    const { output } = await inStatus(runId, status);
    expect(output).toEqual(value === undefined ? undefined : { value });
    expect(await stored(runId)).not.toContain(MARK);
  });

  test('is refused with its code', async () => {
    const runId = await start('test/echo', { stepThrough: true });
    await inStatus(runId, 'paused');
    await expect(order(runId, { command: 'break', step: '7' })).rejects.toMatchObject({
      code: 'unknown_step',
    });
    const handle = temporal.client.workflow.getHandle(runId);
    await expect(handle.executeUpdate('step', { args: [{ command: 'fly' }] })).rejects.toMatchObject({
      cause: { type: 'usage' },
    });
    await order(runId, { command: 'next' });
    await inStatus(runId, 'success');
  });
});

describe('signals', () => {
  test.each(Object.entries(DECISION_SIGNALS))('%s decides, with a comment', async (name, word) => {
    const runId = await start('test/wipe');
    await inStatus(runId, 'awaiting_approval');
    await signal(runId, name, MARK);
    const { approval } = await inStatus(runId, word === 'approved' ? 'success' : 'blocked');
    expect(approval?.decisions).toMatchObject([{ decision: word, via: 'signal', comment: MARK }]);
    expect(await stored(runId)).not.toContain(MARK);
  });

  test.each(STEP_SIGNALS)('%s controls a paused run', async (name) => {
    const runId = await start('test/echo', { stepThrough: true });
    await inStatus(runId, 'paused');
    await signal(runId, name, ...(name === 'edit' ? [`${MARK} edited`] : []));
    if (name === 'edit') await signal(runId, 'next');
    const { output } = await inStatus(runId, name === 'abort' ? 'cancelled' : 'success');
    const expected = name === 'edit' ? `${MARK} edited` : MARK;
    expect(output).toEqual(name === 'abort' ? undefined : { value: expected });
    expect(await stored(runId)).not.toContain(MARK);
  });

  test(`${UNDO_SIGNAL} precedes a cancellation`, async () => {
    const runId = await start('test/beat');
    const run = await inStatus(runId, 'running');
    await cancelFor(deployment.ports, temporal, { actor: ACTOR, run, undoes: true });
    await inStatus(runId, 'cancelled');
    expect(await stored(runId)).not.toContain(MARK);
  });
});

describe('queries', () => {
  test.each(['__stack_trace', '__temporal_workflow_metadata'])('%s is answered', async (name) => {
    const runId = await start('test/wipe');
    await inStatus(runId, 'awaiting_approval');
    const answer = await temporal.client.workflow.getHandle(runId).query(name);
    expect(JSON.stringify(answer)).toContain(name === '__stack_trace' ? 'Error' : 'decide');
    await decideAs(runId, 'denied');
    await inStatus(runId, 'blocked');
  });
});

describe('failures', () => {
  test.each([
    ['test/throw', 'skill_failed'],
    ['test/crash', 'skill_crashed'],
  ])('of %s have their code in record and trace', async (skill, code) => {
    const runId = await start(skill);
    expect(await inStatus(runId, 'error')).toMatchObject({ reason: code, error: { code } });
    await eventually(async () => {
      const { trace } = await readRun(deployment.ports, temporal, runId);
      expect(trace.end).toMatchObject({ status: 'error', reason: code });
    });
    expect(await stored(runId)).not.toContain(MARK);
  });

  test('of a run whose heartbeat and input are encrypted, by cancellation', async () => {
    const runId = await start('test/beat');
    const run = await inStatus(runId, 'running');
    await eventually(async () => {
      const { pendingActivities } = (await temporal.client.workflow.getHandle(runId).describe()).raw;
      expect(pendingActivities?.[0]?.heartbeatDetails?.payloads?.length).toBe(1);
    });
    await cancelFor(deployment.ports, temporal, { actor: ACTOR, run });
    await inStatus(runId, 'cancelled');
    expect(await stored(runId)).not.toContain(MARK);
  });
});
