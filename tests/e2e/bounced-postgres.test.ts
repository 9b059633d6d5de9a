/** Postgres is stopped and started every five seconds while 300 runs are in flight. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readWholeLog } from '../../client/runs/run-log.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { auditLogName } from '../../core/telemetry/audit.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { openDeployment, rootWith, spawnWorker } from '../support/deployment.ts';
import type { Deployment, WorkerProcess } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

const RUNS = 300;
const BOUNCE_EVERY_MS = 5000;
const COST = 10_000;

const SKILLS = {
  /** Safe to repeat; what it puts out is too large to be inline. */
  'test/look': {
    code: `
    import { mkdirSync } from 'node:fs';
    export async function run(folder: string, ctx: { runId: string }) {
      mkdirSync(folder + '/looked/' + ctx.runId, { recursive: true });
      console.log('looked');
      await new Promise((resolve) => setTimeout(resolve, 600));
      return ctx.runId + ' '.repeat(20_000);
    }`,
    manifest: 'side_effects: read\n',
  },
  /** Not safe to repeat: each call has its effect. */
  'test/add': {
    code: `
    import { appendFileSync } from 'node:fs';
    export async function run(folder: string, ctx: { runId: string }) {
      await new Promise((resolve) => setTimeout(resolve, 600));
      appendFileSync(folder + '/added', ctx.runId + '\\n');
      return ctx.runId;
    }`,
    manifest: 'side_effects: write\n',
  },
} as const;

/** In turn by a fast and by an immediate shutdown, until told to stop; how often it was. */
async function bounce(server: TestPostgres, until: AbortSignal): Promise<number> {
  for (let times = 0; ; times++) {
    await delay(BOUNCE_EVERY_MS, undefined, { signal: until }).catch(() => undefined);
    if (until.aborted) return times;
    await server.stop(times % 2 === 0 ? 'SIGINT' : 'SIGQUIT');
    await server.start();
  }
}

async function startAll({ ports, temporal, root }: Deployment): Promise<readonly string[]> {
  const skills = Object.keys(SKILLS);
  const ids: string[] = [];
  while (ids.length < RUNS) {
    const started = skills.map((skill) =>
      startRun(ports, temporal, {
        plan: parseSteps([skill]),
        payload: root,
        principal: { subject: 'tester', roles: [], via: 'local' },
        tenant: 'default',
      }),
    );
    for (const { runId } of await Promise.all(started)) ids.push(runId);
  }
  return ids;
}

let server: TestPostgres;
let deployment: Deployment;
let workers: readonly WorkerProcess[] = [];

beforeAll(async () => {
  server = await startPostgres();
  deployment = await openDeployment(rootWith(SKILLS), {
    SKILLOS_STORAGE_BACKEND: 'postgres',
    SKILLOS_POSTGRES_DSN: server.dsn,
  });
  workers = await Promise.all([spawnWorker(deployment), spawnWorker(deployment)]);
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  await deployment.close();
});

test('of 300 runs none is lost, none has its effect twice and none is charged twice', async () => {
  const { ports, temporal, root } = deployment;
  const ended = new AbortController();
  const bounced = bounce(server, ended.signal);
  const ids = await startAll(deployment);
  const ends = await Promise.allSettled(ids.map((id) => temporal.client.workflow.getHandle(id).result()));
  ended.abort();
  expect(await bounced).toBeGreaterThan(2);

  const failed = ends.flatMap((end) =>
    end.status === 'rejected' ? [String((end.reason as Error).cause)] : [],
  );
  expect(failed).toEqual([]);
  const records = await Promise.all(ids.map((id) => findRun(ports, id)));
  expect(records.filter(({ status, cost }) => status !== 'success' || cost !== COST)).toEqual([]);
  const added = readFileSync(join(root, 'added'), 'utf8').trim().split('\n');
  expect(added.sort()).toEqual(ids.filter((id) => id.startsWith('test.add-')).sort());
  expect(readdirSync(join(root, 'looked')).sort()).toEqual(ids.filter((id) => !added.includes(id)).sort());
  await eventually(async () => {
    const { spent, reservations } = (await ports.records.get<Limits>(LIMITS_KIND, 'default')) as Limits;
    expect({ spent: Math.max(...Object.values(spent)), reservations }).toEqual({
      spent: RUNS * COST,
      reservations: {},
    });
  });
  const audited = await readWholeLog(ports.journal, auditLogName('default'));
  expect(audited.filter(({ action }) => action !== 'run_allowed')).toEqual([]);
  expect(new Set(audited.map(({ run }) => run))).toEqual(new Set(ids));
  expect(new Set(audited.map(({ id }) => id)).size).toBe(RUNS);
}, 240_000);
