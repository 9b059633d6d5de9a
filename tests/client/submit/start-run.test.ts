import { packageFile } from '../../../adapters/machine/package.ts';
import { checkStartRequest, startRun } from '../../../client/submit/start-run.ts';
import type { StartRequest } from '../../../client/submit/start-run.ts';
import { findRun, listRuns } from '../../../client/runs/run-records.ts';
import { watchRun } from '../../../client/runs/watch.ts';
import type { WatchEvent } from '../../../client/runs/watch.ts';
import type { JsonValue } from '../../../core/json.ts';
import { runLogName } from '../../../core/values/run-id.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRights } from '../../support/builders.ts';
import { openDeployment, rootWith } from '../../support/deployment.ts';
import type { Deployment } from '../../support/deployment.ts';

const principal = { subject: 'tester', roles: [], via: 'local' } as const;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(
    rootWith({
      'test/echo': { code: 'export const run = (payload: string) => `echo ${payload}`;' },
      'test/fail': {
        code: "export function run(): never { console.log('about to fail'); throw new Error('no luck'); }",
      },
      'test/big': { code: "export const run = () => 'x'.repeat(5_000_000);" },
      'test/flaky': {
        code: 'export const run = (_: string, ctx: { attempt: number }) => { if (ctx.attempt < 3) throw new Error(`attempt ${ctx.attempt}`); return ctx.attempt; };',
        manifest: 'side_effects: read\nretry: { initial: 10ms }\n',
      },
      'test/slow': {
        code: "export const run = (_: string, ctx: { signal: AbortSignal }) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));",
      },
    }),
  );
  await deployment.startWorker();
});

afterAll(() => deployment.close());

function askOf(skill: string, payload: JsonValue = 'hello'): StartRequest {
  return {
    plan: { kind: 'step', step: { skill: parseSkillId(skill) } },
    payload,
    principal,
    tenant: 'default',
  };
}

async function runToEnd(ask: StartRequest) {
  const { ports, temporal } = deployment;
  await checkStartRequest(ports, ask);
  const { runId } = await startRun(ports, temporal, ask);
  const events: WatchEvent[] = [];
  for await (const event of watchRun(ports, temporal, { runId, signal: new AbortController().signal })) {
    events.push(event);
  }
  return { runId, events, record: await findRun(ports, runId) };
}

describe('startRun', () => {
  test('runs a skill and records how it ended', async () => {
    const { record, events } = await runToEnd(askOf('test/echo'));
    expect(record).toMatchObject({
      status: 'success',
      skill: 'test/echo',
      output: { value: 'echo hello' },
      principal,
      steps: [{ number: 1, skill: 'test/echo', hash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    expect(events.map((event) => event.kind).filter((kind) => kind !== 'run_taken')).toEqual([
      'run_started',
      'run_prepared',
      'step_scheduled',
      'step_started',
      'step_succeeded',
      'run_ended',
    ]);
  });

  test('costs eleven events for one skill, as many as by hand, with every gate it passes', async () => {
    const { runId } = await runToEnd(askOf('test/echo'));
    const history = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
    expect(history.events).toHaveLength(11);
  });

  test('ends a failing skill as an error, with its words and its log', async () => {
    const { record, runId } = await runToEnd(askOf('test/fail'));
    expect(record).toMatchObject({
      status: 'error',
      reason: 'skill_failed',
      error: { code: 'skill_failed', step: 1 },
    });
    expect(record.error?.message).toContain('no luck');
    const history = await deployment.temporal.client.workflow.getHandle(runId).fetchHistory();
    expect(JSON.stringify(history)).not.toContain(packageFile('.'));
    const log = await deployment.ports.journal.read(runLogName(runId));
    expect(log.entries.slice(0, 2)).toMatchObject([
      { step: 1, attempt: 1, stream: 'stdout', message: 'about to fail' },
      { step: 1, attempt: 1, stream: 'stderr', message: 'Error: no luck' },
    ]);
  });

  test('carries five megabytes by reference', async () => {
    const { record } = await runToEnd(askOf('test/big'));
    expect(record.output).toMatchObject({ ref: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 5_000_002 });
    expect(await deployment.ports.values.uncarry(record.output ?? { value: null })).toHaveLength(5_000_000);
  });

  test('tries again what is safe to repeat', async () => {
    const { record } = await runToEnd(askOf('test/flaky'));
    expect(record).toMatchObject({ status: 'success', output: { value: 3 } });
  });

  test('refuses an unknown skill before anything is started', async () => {
    await expect(runToEnd(askOf('test/nothing'))).rejects.toMatchObject({ code: 'unknown_skill' });
  });
});

describe('listRuns', () => {
  test('lists the newest first and goes on after a page', async () => {
    const first = await listRuns(deployment.ports, { rights: aRights(), limit: 2, skill: 'test/echo' });
    expect(first.items).toHaveLength(2);
    expect((first.items[0]?.createdAt ?? '') >= (first.items[1]?.createdAt ?? '')).toBe(true);
  });
});
