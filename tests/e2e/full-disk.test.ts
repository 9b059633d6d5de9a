/** A disk without room and files that were damaged: runs that have begun wait, others say so; nothing is done or charged twice. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureRecord, readRun } from '../../client/runs/read-run.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { runKey } from '../../core/values/run-id.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

/** Not safe to repeat; its effect is a folder for each call, which takes no room. */
const ONCE = `
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
export async function run(folder: string, ctx: { runId: string }) {
  mkdirSync(folder + '/called/' + ctx.runId, { recursive: true });
  while (!existsSync(folder + '/gate')) await new Promise((resolve) => setTimeout(resolve, 20));
  mkdtempSync(folder + '/called/' + ctx.runId + '/');
  return 'done';
}`;

/** No more than there are skill processes. */
const RUNS = 8;

let deployment: Deployment;
let worker: SkillosProcess;
let tenants = 0;

beforeAll(async () => {
  deployment = await openDeployment(
    rootWith({
      'test/once': {
        code: ONCE,
        manifest: 'side_effects: write\nretry: { max_attempts: 3, initial: 10ms }\n',
      },
    }),
  );
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

/** Whether the worker may write into files: to it, a full disk. */
function setRoom(isThere: boolean): void {
  execFileSync('prlimit', [`--pid=${worker.pid}`, `--fsize=${isThere ? 'unlimited' : '0'}:`]);
}

/** Runs of a tenant of its own. */
async function startRuns(count: number) {
  const { ports, temporal, root } = deployment;
  const tenant = `tenant-${++tenants}`;
  const folder = join(root, tenant);
  mkdirSync(folder);
  const start = () =>
    startRun(ports, temporal, {
      plan: parseSteps(['test/once']),
      payload: folder,
      principal: { subject: 'tester', roles: [], via: 'local' },
      tenant,
    });
  const ids = (await Promise.all(Array.from({ length: count }, start))).map(({ runId }) => runId);
  const handles = ids.map((id) => temporal.client.workflow.getHandle(id));
  const called = join(folder, 'called');
  return {
    tenant,
    ids,
    results: () => Promise.allSettled(handles.map((handle) => handle.result())),
    openGate: () => writeFileSync(join(folder, 'gate'), ''),
    /** How often the skill was called, and had its effect, by run. */
    effects: () =>
      Object.fromEntries(readdirSync(called).map((id) => [id, readdirSync(join(called, id)).length])),
    untilStepped: () =>
      eventually(async () => {
        const histories = await Promise.all(handles.map((handle) => handle.fetchHistory()));
        const isStepped = histories.every(({ events }) =>
          events?.some(({ activityTaskCompletedEventAttributes: completed }) => completed),
        );
        expect(isStepped).toBe(true);
      }),
    isRunning: async () =>
      (await Promise.all(handles.map((handle) => handle.describe()))).every(
        ({ status }) => status.name === 'RUNNING',
      ),
  };
}

async function limitsOf(tenant: string) {
  const limits = await deployment.ports.records.get<Limits>(LIMITS_KIND, tenant);
  return { spent: Object.values(limits?.spent ?? {}), held: Object.keys(limits?.reservations ?? {}).length };
}

async function expectDoneOnce({ tenant, ids, results, effects }: Awaited<ReturnType<typeof startRuns>>) {
  expect((await results()).map(({ status }) => status)).toEqual(ids.map(() => 'fulfilled'));
  expect(effects()).toEqual(Object.fromEntries(ids.map((id) => [id, 1])));
  const records = await Promise.all(ids.map((id) => findRun(deployment.ports, id)));
  expect(records.map(({ status, cost }) => ({ status, cost }))).toEqual(
    ids.map(() => ({ status: 'success', cost: 10_000 })),
  );
  const charged = ids.length * 10_000;
  await eventually(async () =>
    expect(await limitsOf(tenant)).toEqual({ spent: [charged, charged], held: 0 }),
  );
}

describe('a full disk', () => {
  test('ends runs that have not begun, by name and with nothing done or reserved', async () => {
    setRoom(false);
    const runs = await startRuns(RUNS);
    runs.openGate();
    const bundles = join(deployment.root, 'runtime', 'bundles');
    expect((await runs.results()).map(({ status }) => status)).toEqual(runs.ids.map(() => 'rejected'));
    expect(readdirSync(bundles).filter((name) => name.endsWith('.mjs'))).toEqual([]);
    expect(await limitsOf(runs.tenant)).toEqual({ spent: [], held: 0 });
    setRoom(true);
    const [id = ''] = runs.ids;
    await ensureRecord(deployment.ports, deployment.temporal, id);
    const { record } = await readRun(deployment.ports, deployment.temporal, id);
    expect(record).toMatchObject({ status: 'error', error: { code: 'storage_full' } });
  });

  test('holds runs up at their end, with what they did, and they are charged when there is room', async () => {
    const runs = await startRuns(RUNS);
    await eventually(() => expect(Object.keys(runs.effects())).toHaveLength(RUNS));
    setRoom(false);
    runs.openGate();
    await runs.untilStepped();
    await worker.until('stderr', /Cannot write the event log: file too large/);
    expect(await runs.isRunning()).toBe(true);
    expect(await limitsOf(runs.tenant)).toEqual({ spent: [], held: RUNS });
    setRoom(true);
    await expectDoneOnce(runs);
  });
});

describe('a damaged file', () => {
  const fileOf = (kind: string, key: string) =>
    join(deployment.root, 'runtime', 'records', kind, `${key}.json`);
  const CORRUPT = expect.objectContaining({
    reason: expect.objectContaining({ cause: expect.objectContaining({ type: 'state_corrupt' }) }),
  });

  test('of the budget is not an empty one: runs fail, and it stays as it is', async () => {
    const file = fileOf(LIMITS_KIND, `tenant-${tenants + 1}`);
    writeFileSync(file, '{"spent":');
    const runs = await startRuns(1);
    expect(await runs.results()).toEqual([CORRUPT]);
    expect(readFileSync(file, 'utf8')).toBe('{"spent":');
  });

  test('of a run in flight is not written again', async () => {
    const runs = await startRuns(1);
    const [id = ''] = runs.ids;
    await eventually(() => expect(Object.keys(runs.effects())).toEqual([id]));
    const file = fileOf('runs', runKey(id));
    writeFileSync(file, '');
    runs.openGate();
    expect(await runs.results()).toEqual([CORRUPT]);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(runs.effects()).toEqual({ [id]: 1 });
  });
});
