import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import { packageFile } from '../../adapters/machine/package.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { openDeployment, rootWith, spawnWorker } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { httpServer } from '../support/http-server.ts';
import type { HttpServer } from '../support/http-server.ts';
import { surviveKills } from '../support/survive-kills.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { writeFiles } from '../support/write-files.ts';

const principal = { subject: 'tester', roles: [], via: 'local' } as const;
const RUNS = 40;

/** Has its effect at a server under the idempotency key, as a careful author writes it. */
const CAREFUL = `
export async function run(_payload: string, ctx: any) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  await ctx.connectors.effects.request({ method: 'PUT', path: ctx.idempotencyKey.replace(':', '_') });
  await new Promise((resolve) => setTimeout(resolve, 50));
  return 'done';
}`;

/** Has its effect at a server every time it is called. */
const CARELESS = `
export async function run(_payload: string, ctx: any) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  await ctx.connectors.effects.request({ method: 'POST', body: ctx.runId });
  await new Promise((resolve) => setTimeout(resolve, 50));
  return 'done';
}`;

/** Sends a request that is answered only if it is the second of its run. */
const held = (method: string) => `
export async function run(_payload: string, ctx: any) {
  const { status } = await ctx.connectors.effects.request({ method: '${method}', path: '/held/' + ctx.runId });
  return status;
}`;

/** Writes what it was given under the idempotency key, and hands on what has been done so far. */
const LINK = `
import { mkdirSync, writeFileSync } from 'node:fs';
interface Chain { folder: string; done: number[] }
export async function run(chain: Chain, ctx: { idempotencyKey: string; step: number }) {
  mkdirSync(chain.folder, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const file = chain.folder + '/' + ctx.idempotencyKey.replace(':', '_');
  try { writeFileSync(file, JSON.stringify(chain.done), { flag: 'wx' }); }
  catch (error) { if ((error as { code: string }).code !== 'EEXIST') throw error; }
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { ...chain, done: [...chain.done, ctx.step] };
}`;

let deployment: Deployment;
/** Takes its time for an answer, so that many workers are killed during a call. */
let server: HttpServer;

beforeAll(async () => {
  server = await httpServer(({ url }, response) => {
    const isFirst = server.requests.filter((request) => request.url === url).length === 1;
    if (!isFirst || !url?.startsWith('/held/')) setTimeout(() => response.end(), 150);
  });
  deployment = await openDeployment(
    rootWith({
      'test/careful': {
        code: CAREFUL,
        manifest: 'side_effects: write\nidempotent: true\nconnectors: [effects]\n',
      },
      'test/link': {
        code: LINK,
        manifest: 'side_effects: write\nidempotent: true\ninputs: { type: object }\n',
      },
      'test/asks': { code: held('GET'), manifest: 'side_effects: read\nconnectors: [effects]\n' },
      'test/acts': { code: held('POST'), manifest: 'side_effects: write\nconnectors: [effects]\n' },
      'test/careless': { code: CARELESS, manifest: 'side_effects: write\nconnectors: [effects]\n' },
    }),
  );
  const definition = `id: effects\nbase_url: ${server.url}\nallow_private: true\ntimeout_seconds: 600\n`;
  writeFiles(deployment.root, { 'connectors/effects.yaml': definition });
});

afterAll(async () => {
  await deployment.close();
  await server[Symbol.asyncDispose]();
});

/** How often the server was asked. */
function heldRequests(runId: string): number {
  return server.requests.filter(({ url }) => url === `/held/${runId}`).length;
}

async function start(
  steps: readonly string[],
  payload: string,
  { ports, temporal } = deployment,
): Promise<string> {
  const ask = { plan: parseSteps(steps), payload, principal, tenant: 'default' };
  return (await startRun(ports, temporal, ask)).runId;
}

function startAll(steps: readonly string[], payload: string): Promise<string[]> {
  return Promise.all(Array.from({ length: RUNS }, () => start(steps, payload)));
}

/** Kills a worker while the calls of both runs wait for an answer; they are of `test/asks` and `test/acts`. */
async function killDuringCalls(): Promise<readonly [string, string]> {
  const runIds = await Promise.all([start(['test/asks'], ''), start(['test/acts'], '')]);
  const worker = await spawnWorker(deployment);
  await eventually(() => expect(runIds.map(heldRequests)).toEqual([1, 1]));
  await worker.end('SIGKILL');
  return runIds;
}

/**
 * Runs `test/careless` on a queue of its own. Temporal hands out the task of its step, and nobody works on it, as where the
 * answer to a poll is lost; then a worker starts.
 */
async function runUnreceived(): Promise<RunRecord> {
  const own = await openDeployment(deployment.root);
  const { taskQueue, temporal, ports } = own;
  const { client, target } = temporal;
  const connection = await NativeConnection.connect({ address: own.env['TEMPORAL_ADDRESS'] ?? '' });
  const workflowBundle = { codePath: packageFile('dist/workflows.js') };
  const worker = await Worker.create({ connection, taskQueue, workflowBundle });
  const poll = { namespace: target.namespace, taskQueue: { name: taskQueue }, identity: 'nobody' };
  try {
    const runId = await start(['test/careless'], '', own);
    const task = await worker.runUntil(
      client.withDeadline(Date.now() + 30_000, () => client.workflowService.pollActivityTaskQueue(poll)),
    );
    expect(task.workflowExecution?.workflowId).toBe(runId);
    await own.startWorker();
    await client.workflow
      .getHandle(runId)
      .result()
      .catch(() => undefined);
    return await findRun(ports, runId);
  } finally {
    await connection.close();
    await own.close();
  }
}

test('what is safe to repeat is done, each effect once, though its worker is killed every second', async () => {
  const runIds = await startAll(['test/careful'], '');
  const records = await surviveKills(deployment, runIds);
  expect(records.map(({ status }) => status)).toEqual(Array.from({ length: RUNS }, () => 'success'));
  const effects = new Set(server.requests.filter(({ method }) => method === 'PUT').map(({ url }) => url));
  const ofThese = [...effects].filter((url) => runIds.some((runId) => url.startsWith(`/${runId}`)));
  expect(ofThese.sort()).toEqual(runIds.map((runId) => `/${runId}_1`).sort());
}, 180_000);

test('what is not safe to repeat happens at most once; a lost one is outcome_unknown, if it has begun', async () => {
  const unreceived = runUnreceived();
  const killed = await killDuringCalls();
  const runIds = await startAll(['test/careless'], '');
  const [asks, acts, ...records] = await surviveKills(deployment, [...killed, ...runIds]);
  expect(asks).toMatchObject({ status: 'success', output: { value: 200 } });
  expect(heldRequests(killed[0])).toBeGreaterThan(1);
  expect(acts).toMatchObject({ status: 'error', reason: 'outcome_unknown' });
  expect(heldRequests(killed[1])).toBe(1);
  const { id: unreceivedId, ...received } = await unreceived;
  expect(received).toMatchObject({ status: 'success', output: { value: 'done' } });
  const effects = server.requests
    .filter(({ method, url }) => method === 'POST' && !url.startsWith('/held/'))
    .map(({ body }) => body.toString());
  expect(new Set(effects).size).toBe(effects.length);
  expect(effects).toContain(unreceivedId);
  for (const { id, status, reason } of records) {
    if (status === 'success') expect(effects).toContain(id);
    else expect({ status, reason }).toEqual({ status: 'error', reason: 'outcome_unknown' });
  }
  expect(records.filter(({ status }) => status === 'success').length).toBeGreaterThan(0);
}, 240_000);

test('pipelines keep their order, each effect once, though their worker is killed every second', async () => {
  const folder = tempFolder();
  const steps = Array.from({ length: 5 }, () => 'test/link');
  const runIds = await startAll(steps, JSON.stringify({ folder, done: [] }));
  const records = await surviveKills(deployment, runIds);
  expect(records.map(({ status, output }) => ({ status, output }))).toEqual(
    runIds.map(() => ({ status: 'success', output: { value: { folder, done: [1, 2, 3, 4, 5] } } })),
  );
  const effects = runIds.flatMap((runId) =>
    [1, 2, 3, 4, 5].map((step) => [`${runId}_${step}`, step] as const),
  );
  expect(readdirSync(folder).sort()).toEqual(effects.map(([file]) => file).sort());
  for (const [file, step] of effects) {
    expect(JSON.parse(readFileSync(join(folder, file), 'utf8'))).toEqual([1, 2, 3, 4].slice(0, step - 1));
  }
}, 240_000);
