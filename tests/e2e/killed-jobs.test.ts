/** Jobs whose workers are killed every second. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startRun } from '../../client/submit/start-run.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { surviveKills } from '../support/survive-kills.ts';

const JOBS = 200;
const KILLS = 5;

/** Has its effect under the idempotency key, as a careful author writes it. */
const CAREFUL = `
import { mkdirSync, writeFileSync } from 'node:fs';
export async function run(folder: string, ctx: { idempotencyKey: string }) {
  mkdirSync(folder, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  try { writeFileSync(folder + '/' + ctx.idempotencyKey.replace(':', '_'), 'x', { flag: 'wx' }); }
  catch (error) { if ((error as { code: string }).code !== 'EEXIST') throw error; }
  return 'done';
}`;

let deployment: Deployment;

beforeAll(async () => {
  const manifest = 'side_effects: write\nidempotent: true\n';
  deployment = await openDeployment(rootWith({ 'test/careful': { code: CAREFUL, manifest } }));
});

afterAll(() => deployment.close());

test('no job is lost, and each has its effect once', async () => {
  const folder = join(deployment.root, 'effects');
  const principal = { subject: 'tester', roles: [], via: 'local' } as const;
  const { ports, temporal } = deployment;
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, async (_, n) => {
      const job = { priority: 1 + (n % 5) };
      const ask = {
        plan: parseSteps(['test/careful']),
        payload: folder,
        principal,
        tenant: `t${n % 3}`,
        job,
      };
      return (await startRun(ports, temporal, ask)).runId;
    }),
  );
  const records = await surviveKills(deployment, jobs, { count: KILLS, options: ['--queue', 'jobs'] });
  expect(new Set(records.map(({ status }) => status))).toEqual(new Set(['success']));
  expect(readdirSync(folder).sort()).toEqual(jobs.map((id) => `${id}_1`).sort());
}, 300_000);
