import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRun } from '../../client/run-records.ts';
import { startRun } from '../../client/runs.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import type { RunRecord } from '../../core/run.ts';
import { openDeployment, rootWith, spawnWorker } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';

const principal = { subject: 'tester', roles: [], via: 'local' } as const;
const RUNS = 60;
const KILLS = 8;

/** Has its effect under the idempotency key, as a careful author writes it. */
const CAREFUL = `
import { mkdirSync, writeFileSync } from 'node:fs';
export async function run(folder: string, ctx: { idempotencyKey: string }) {
  mkdirSync(folder, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 150));
  try { writeFileSync(folder + '/' + ctx.idempotencyKey.replace(':', '_'), 'x', { flag: 'wx' }); }
  catch (error) { if ((error as { code: string }).code !== 'EEXIST') throw error; }
  await new Promise((resolve) => setTimeout(resolve, 150));
  return 'done';
}`;

/** Has its effect every time it is called. */
const CARELESS = `
import { appendFileSync } from 'node:fs';
export async function run(file: string, ctx: { runId: string }) {
  await new Promise((resolve) => setTimeout(resolve, 150));
  appendFileSync(file, ctx.runId + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 150));
  return 'done';
}`;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(
    rootWith({
      'test/careful': { code: CAREFUL, manifest: 'side_effects: write\nidempotent: true\n' },
      'test/careless': { code: CARELESS, manifest: 'side_effects: write\n' },
    }),
  );
});

afterAll(() => deployment.close());

async function startAll(skill: string, payload: string): Promise<string[]> {
  const ask = {
    plan: { kind: 'step', step: { skill: parseSkillId(skill) } },
    payload,
    principal,
    tenant: 'default',
  } as const;
  const { ports, temporal } = deployment;
  return Promise.all(Array.from({ length: RUNS }, async () => (await startRun(ports, temporal, ask)).runId));
}

/** Kills a worker a second after it began to poll, again and again; the last one may finish. */
async function surviveKills(runIds: readonly string[]): Promise<RunRecord[]> {
  for (let kill = 0; kill < KILLS; kill++) {
    const worker = await spawnWorker(deployment);
    await delay(1000);
    await worker.end('SIGKILL');
  }
  const worker = await spawnWorker(deployment);
  const { client } = deployment.temporal;
  await Promise.all(
    runIds.map((runId) =>
      client.workflow
        .getHandle(runId)
        .result()
        .catch(() => undefined),
    ),
  );
  await worker.end('SIGTERM');
  return Promise.all(runIds.map((runId) => findRun(deployment.ports, runId)));
}

test('what is safe to repeat is done, each effect once, though its worker is killed every second', async () => {
  const folder = join(deployment.root, 'effects');
  const runIds = await startAll('test/careful', folder);
  const records = await surviveKills(runIds);
  expect(records.map(({ status }) => status)).toEqual(Array.from({ length: RUNS }, () => 'success'));
  expect(readdirSync(folder).sort()).toEqual(runIds.map((runId) => `${runId}_1`).sort());
}, 180_000);

test('what is not safe to repeat happens at most once; a lost one is outcome_unknown', async () => {
  const file = join(deployment.root, 'effects.log');
  const runIds = await startAll('test/careless', file);
  const records = await surviveKills(runIds);
  const effects = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  expect(new Set(effects).size).toBe(effects.length);
  for (const { id, status, reason } of records) {
    if (status === 'success') expect(effects).toContain(id);
    else expect({ status, reason }).toEqual({ status: 'error', reason: 'outcome_unknown' });
  }
  expect(records.filter(({ status }) => status === 'success').length).toBeGreaterThan(0);
}, 180_000);
