/** Budgets and circuits on a real server: what is held, charged and given back, and what is refused. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { StartRequest } from '../../client/submit/start-run.ts';
import { listCircuits } from '../../client/limits.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import type { BudgetDocument, CircuitItem } from '../../core/limits/limits-document.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { aRights } from '../support/builders.ts';
import { openDeployment, rootWith, spawnWorker, writeSkill } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { until } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import { runCli } from '../support/run-cli.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const READ = 'side_effects: read\nretry: { initial: 10ms }\n';
const FAIL = "export function run() { throw new Error('broken'); }";

const SKILLS = {
  'test/echo': { code: 'export function run(text: string) { return text; }', manifest: READ },
  'test/tier': { code: 'export function run(_: string, ctx: { tier: string }) { return ctx.tier; }' },
  'test/one': { code: "export function run() { return 'done'; }", manifest: 'cost: 1\n' },
  'test/dear': { code: "export function run() { return 'done'; }", manifest: 'cost: 2.5\n' },
  'test/fail': { code: FAIL },
  'test/third': {
    code: `export function run(_: string, ctx: { attempt: number }) {
      if (ctx.attempt < 3) throw new Error('not yet');
      return 'done';
    }`,
    manifest: READ,
  },
  'test/wait': {
    code: `import { existsSync, writeFileSync } from 'node:fs';
    export async function run(file: string) {
      writeFileSync(file, 'started');
      while (!existsSync(file + '.go')) await new Promise((resolve) => setTimeout(resolve, 20));
    }`,
  },
  'test/destroy': {
    code: "export function run() { return 'gone'; }",
    manifest: 'side_effects: destructive\n',
  },
};

const LIMITS = {
  SKILLOS_BUDGET_PER_REQUEST: '5',
  SKILLOS_BUDGET_DAILY: '10',
  SKILLOS_BUDGET_MONTHLY: '200',
  SKILLOS_BUDGET_LOW_REMAINING: '2',
  SKILLOS_BUDGET_LEASE_SECONDS: '1',
  SKILLOS_CIRCUIT_FAILURE_THRESHOLD: '2',
};

let deployment: Deployment;
let worker: SkillosProcess;
let tenants = 0;

beforeAll(async () => {
  deployment = await openDeployment(rootWith(SKILLS), LIMITS);
  worker = await startWorkerProcess(deployment.env);
});

afterAll(async () => {
  worker.signal('SIGTERM');
  await worker.ended;
  await deployment.close();
});

/** The command line of a tenant of its own, who has spent nothing. */
function aTenant() {
  const env = { ...deployment.env, SKILLOS_TENANT_ID: `tenant-${++tenants}` };
  const cli = (...argv: readonly string[]) => runCli(argv, { env });
  return {
    tenant: env.SKILLOS_TENANT_ID,
    cli,
    run: (skill: string, ...more: readonly string[]) => cli('run-skill', skill, '--payload', 'x', ...more),
    audited: async (action: string) =>
      (JSON.parse((await cli('audit', 'list', '--action', action, '--json')).stdout) as { items: object[] })
        .items,
    budget: async () => JSON.parse((await cli('budget', '--json')).stdout) as BudgetDocument,
    circuits: async () =>
      (JSON.parse((await cli('circuit', 'list', '--json')).stdout) as { items: CircuitItem[] }).items,
  };
}

function askFor(skill: string, payload: string): StartRequest {
  return {
    plan: { kind: 'step', step: { skill: parseSkillId(skill) } },
    payload,
    principal: { subject: 'tester', roles: [], via: 'local' },
    tenant: 'default',
  };
}

describe('a budget', () => {
  test('charges what succeeded, by the manifest or the model', async () => {
    const { run, budget } = aTenant();
    expect((await run('test/echo')).stdout).toBe('x\n');
    expect((await run('test/dear')).stdout).toBe('done\n');
    expect(await budget()).toMatchObject({
      daily: { spent: 3.5, reserved: 0, remaining: 6.5 },
      monthly: { spent: 3.5 },
      runs_in_flight: 0,
    });
  });

  test('charges a step once, however often it is tried, and nothing for a failure', async () => {
    const { run, budget } = aTenant();
    expect((await run('test/third')).stdout).toBe('done\n');
    expect((await run('test/fail')).code).toBe(1);
    expect(await budget()).toMatchObject({ daily: { spent: 1, reserved: 0 } });
  });

  test('charges the steps of a pipeline that succeeded before one failed', async () => {
    const { cli, budget } = aTenant();
    const steps = ['test/echo', 'test/dear', 'test/fail'].flatMap((skill) => ['--step', skill]);
    const { code } = await cli('pipeline', 'run', ...steps, '--payload', 'x');
    expect(code).toBe(1);
    expect(await budget()).toMatchObject({ daily: { spent: 3.5, reserved: 0 } });
  });

  test('refuses a plan that costs more than one request may, with exit 6', async () => {
    const { cli, budget } = aTenant();
    const steps = ['test/dear', 'test/dear', 'test/echo'].flatMap((skill) => ['--step', skill]);
    const { code, stdout } = await cli('pipeline', 'run', ...steps, '--payload', 'x', '--json');
    expect(code).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'blocked',
      reason: 'budget_exceeded',
      policy: 'per_request_limit_exceeded',
      error: { message: 'Over SKILLOS_BUDGET_PER_REQUEST, 5 per request: 6 needed' },
    });
    expect(await budget()).toMatchObject({ daily: { spent: 0, reserved: 0 } });
  });

  test('tells skills of the cheap tier, then refuses, naming limit, spent, reserved and needed', async () => {
    const { run, budget } = aTenant();
    for (let n = 0; n < 3; n++) expect((await run('test/dear')).code).toBe(0);
    expect((await run('test/tier')).stdout).toBe('standard\n');
    expect((await run('test/tier')).stdout).toBe('cheap\n');
    expect(await budget()).toMatchObject({ tier: 'cheap', daily: { remaining: 1 } });
    const refused = await run('test/dear');
    expect(refused).toMatchObject({ code: 6, stdout: 'blocked: budget_exceeded\n' });
    expect(refused.stderr).toContain(
      'Over SKILLOS_BUDGET_DAILY, 10 per day: 9 spent, 0 reserved, 2.5 needed',
    );
    expect(await budget()).toMatchObject({ daily: { spent: 9, reserved: 0 } });
  });

  test('holds nothing for a run that waits for people', async () => {
    const { cli, run, budget } = aTenant();
    expect((await run('test/destroy', '--detach')).code).toBe(0);
    await until(async () => (await cli('runs', 'list')).stdout.includes('awaiting_approval'));
    expect(await budget()).toMatchObject({ daily: { spent: 0, reserved: 0 }, runs_in_flight: 0 });
  });

  test('holds what a run in flight may cost, and takes it back once the run was terminated', async () => {
    const { cli, run, budget, audited } = aTenant();
    const waits = Array.from({ length: 2 }, (_, n) => join(deployment.root, `wait-${n}`));
    const ids: string[] = [];
    for (const file of waits) {
      const { stdout } = await cli('run-skill', 'test/wait', '--payload', file, '--detach', '--json');
      ids.push((JSON.parse(stdout) as { run_id: string }).run_id);
      await until(() => existsSync(file));
    }
    for (let n = 0; n < 3; n++) expect((await run('test/dear')).code).toBe(0);
    expect(await budget()).toMatchObject({ daily: { spent: 7.5, reserved: 2 }, runs_in_flight: 2 });

    await deployment.temporal.client.workflow.getHandle(ids[0] as string).terminate('a test');
    await until(async () => (await run('test/one')).code === 0);
    expect(await budget()).toMatchObject({ daily: { spent: 8.5, reserved: 1 }, runs_in_flight: 1 });
    expect(await audited('reservation_released')).toMatchObject([
      { run: ids[0], actor: { subject: 'skillos' } },
    ]);

    writeFileSync(`${waits[1]}.go`, '');
    await until(async () => (await budget()).runs_in_flight === 0);
    expect(await budget()).toMatchObject({ daily: { spent: 9.5, reserved: 0 } });
  });
});

/** As the Web UI does it: everything after the first task is forgotten and done again. */
async function reset(runId: string): Promise<void> {
  const { client } = deployment.temporal;
  const { events } = await client.workflow.getHandle(runId).fetchHistory();
  const first = events?.find(({ workflowTaskCompletedEventAttributes: task }) => Boolean(task));
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: runId },
    workflowTaskFinishEventId: first?.eventId ?? null,
    reason: 'a test',
    requestId: runId,
  });
}

test('a run that is reset holds and pays once', async () => {
  const { cli, budget } = aTenant();
  const file = join(tempFolder(), 'reset');
  const { stdout } = await cli('run-skill', 'test/wait', '--payload', file, '--detach', '--json');
  const { run_id: runId } = JSON.parse(stdout) as { run_id: string };
  await until(() => existsSync(file));
  rmSync(file);
  await reset(runId);
  await until(() => existsSync(file));
  expect(await budget()).toMatchObject({ daily: { spent: 0, reserved: 1 }, runs_in_flight: 1 });
  writeFileSync(`${file}.go`, '');
  await deployment.temporal.client.workflow.getHandle(runId).result();
  await until(async () => (await budget()).runs_in_flight === 0); // charged in the background
  expect(await budget()).toMatchObject({ daily: { spent: 1, reserved: 0 }, runs_in_flight: 0 });
});

describe('a circuit', () => {
  test('opens after repeated failures, which refuses runs with exit 6, and is closed by hand', async () => {
    const { cli, run, circuits, audited } = aTenant();
    for (let n = 0; n < 2; n++) expect((await run('test/fail')).code).toBe(1);
    const refused = await run('test/fail', '--json');
    expect(refused.code).toBe(6);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      status: 'blocked',
      reason: 'circuit_open',
      error: {
        message: expect.stringMatching(
          /^Skill "test\/fail" failed repeatedly: its circuit is open for \d+ s$/,
        ),
      },
    });
    expect(await circuits()).toMatchObject([{ skill: 'test/fail', status: 'open', failures: 2 }]);
    expect(await audited('circuit_opened')).toMatchObject([{ skill: 'test/fail', after: { failures: 2 } }]);
    expect((await cli('circuit', 'reset', 'test/fail')).stdout).toBe('circuit_reset: test/fail\n');
    expect((await run('test/fail')).code).toBe(1);
  });

  test('lets one run probe after a while, and closes when it succeeds', async () => {
    const settings = { ...LIMITS, SKILLOS_CIRCUIT_OPEN_SECONDS: '4' };
    const own = await openDeployment(rootWith({ 'test/flaky': { code: FAIL } }), settings);
    const worker = await spawnWorker(own);
    const end = async () => {
      const { runId } = await startRun(own.ports, own.temporal, askFor('test/flaky', 'x'));
      await own.temporal.client.workflow
        .getHandle(runId)
        .result()
        .catch(() => undefined);
      const { status, reason } = await findRun(own.ports, runId);
      return reason ?? status;
    };
    const circuits = () => listCircuits(own.ports, aRights(), parseConfig(own.env));
    const isHalfOpen = async () => (await circuits())[0]?.status === 'half_open';

    expect([await end(), await end(), await end()]).toEqual(['skill_failed', 'skill_failed', 'circuit_open']);
    await until(isHalfOpen);
    expect([await end(), await end()]).toEqual(['skill_failed', 'circuit_open']);
    writeSkill(own.root, 'test/flaky', SKILLS['test/echo']);
    await until(isHalfOpen);
    expect(await end()).toBe('success');
    expect(await circuits()).toEqual([]);
    await worker.end('SIGTERM');
    await own.close();
  });
});

const RUNS = 200;
const ROOM = 50;

/** Notes which run it serves; safe to repeat. */
const NOTING = `
import { mkdirSync, writeFileSync } from 'node:fs';
export async function run(folder: string, ctx: { runId: string }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + '/' + ctx.runId, 'x');
  await new Promise((resolve) => setTimeout(resolve, 300));
  return 'done';
}`;

test.each(['file', 'postgres'])(
  'of 200 parallel runs exactly those 50 are executed that there is room for, on %s, though a worker is killed',
  async (backend) => {
    const server = backend === 'postgres' ? await startPostgres() : undefined;
    const crowd = await openDeployment(rootWith({ 'test/note': { code: NOTING, manifest: READ } }), {
      SKILLOS_BUDGET_DAILY: String(ROOM),
      SKILLOS_BUDGET_LOW_REMAINING: '0',
      SKILLOS_BUDGET_LEASE_SECONDS: '1',
      SKILLOS_STORAGE_BACKEND: backend,
      ...(server === undefined ? {} : { SKILLOS_POSTGRES_DSN: server.dsn }),
    });
    const { ports, temporal, root, env } = crowd;
    const folder = join(root, 'served');
    const served = () => (existsSync(folder) ? readdirSync(folder) : []);
    const [killed, other] = await Promise.all([spawnWorker(crowd), spawnWorker(crowd)]);
    const ids = Promise.all(
      Array.from(
        { length: RUNS },
        async () => (await startRun(ports, temporal, askFor('test/note', folder))).runId,
      ),
    );
    await until(() => served().length >= ROOM / 5);
    await killed.end('SIGKILL');
    const results = (await ids).map((id) => temporal.client.workflow.getHandle(id).result());
    await Promise.allSettled(results);
    // What the killed worker had recorded and not charged is charged by whoever asks for that room.
    const isSettled = async () => {
      const one = await startRun(ports, temporal, askFor('test/note', folder));
      await temporal.client.workflow.getHandle(one.runId).result();
      const limits = await ports.records.get<Limits>(LIMITS_KIND, 'default');
      return Object.keys(limits?.reservations ?? {}).length === 0;
    };
    await until(isSettled);
    await other.end('SIGTERM');

    const records = await Promise.all((await ids).map((id) => findRun(ports, id)));
    const done = records.filter(({ status }) => status === 'success').map(({ id }) => id);
    const blocked = records.filter(
      ({ status, reason }) => status === 'blocked' && reason === 'budget_exceeded',
    );
    expect([done.length, blocked.length]).toEqual([ROOM, RUNS - ROOM]);
    expect(served().sort()).toEqual(done.sort());
    const { stdout } = await runCli(['budget', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      daily: { limit: ROOM, spent: ROOM, reserved: 0 },
      runs_in_flight: 0,
    });
    await crowd.close();
  },
  180_000,
);
