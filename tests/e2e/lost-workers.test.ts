import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startRun } from '../../client/submit/start-run.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { httpServer } from '../support/http-server.ts';
import type { HttpServer } from '../support/http-server.ts';
import { surviveKills } from '../support/survive-kills.ts';
import { writeFiles } from '../support/write-files.ts';

const principal = { subject: 'tester', roles: [], via: 'local' } as const;
const RUNS = 60;

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
  server = await httpServer((_, response) => void setTimeout(() => response.end(), 150));
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
      'test/careless': { code: CARELESS, manifest: 'side_effects: write\nconnectors: [effects]\n' },
    }),
  );
  const definition = `id: effects\nbase_url: ${server.url}\nallow_private: true\n`;
  writeFiles(deployment.root, { 'connectors/effects.yaml': definition });
});

afterAll(async () => {
  await deployment.close();
  await server[Symbol.asyncDispose]();
});

async function startAll(steps: readonly string[], payload: string): Promise<string[]> {
  const ask = { plan: parseSteps(steps), payload, principal, tenant: 'default' };
  const { ports, temporal } = deployment;
  return Promise.all(Array.from({ length: RUNS }, async () => (await startRun(ports, temporal, ask)).runId));
}

test('what is safe to repeat is done, each effect once, though its worker is killed every second', async () => {
  const runIds = await startAll(['test/careful'], '');
  const records = await surviveKills(deployment, runIds);
  expect(records.map(({ status }) => status)).toEqual(Array.from({ length: RUNS }, () => 'success'));
  const effects = new Set(server.requests.filter(({ method }) => method === 'PUT').map(({ url }) => url));
  expect([...effects].sort()).toEqual(runIds.map((runId) => `/${runId}_1`).sort());
}, 180_000);

test('what is not safe to repeat happens at most once; a lost one is outcome_unknown', async () => {
  const runIds = await startAll(['test/careless'], '');
  const records = await surviveKills(deployment, runIds);
  const effects = server.requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => body.toString());
  expect(new Set(effects).size).toBe(effects.length);
  for (const { id, status, reason } of records) {
    if (status === 'success') expect(effects).toContain(id);
    else expect({ status, reason }).toEqual({ status: 'error', reason: 'outcome_unknown' });
  }
  expect(records.filter(({ status }) => status === 'success').length).toBeGreaterThan(0);
}, 180_000);

test('pipelines keep their order, each effect once, though their worker is killed every second', async () => {
  const folder = join(deployment.root, 'links');
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
