/** Workers of a new build beside those of the old one: runs in flight stay with the old, new ones start on the new. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkStartRequest, startRun } from '../../client/submit/start-run.ts';
import { buildOfRun } from '../../client/temporal/connection.ts';
import { fleetOf, listBuilds } from '../../client/workers/builds.ts';
import type { BuildState } from '../../client/workers/builds.ts';
import { runsOfOtherCode } from '../../client/workers/runs-in-flight.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { buildWithTimer } from '../support/second-build.ts';
import { skillos, startSkillos } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

/** Runs before a worker of the new build is started, and after it has been promoted. */
const RUNS_BEFORE = 50;
const RUNS_AFTER = 60;
const IN_FLIGHT = 10;
/** Every so many runs one parks. */
const PARKS = 20;

const MARK = `
import { writeFileSync } from 'node:fs';
export function run(folder: string, ctx: { runId: string }) { writeFileSync(folder + '/' + ctx.runId, ''); return 'done'; }`;
const SKILLS = {
  // Idempotent, because on a busy machine the server may lose the poll of a worker with the task that answers it.
  'test/mark': { code: MARK, manifest: 'idempotent: true\n' },
  'test/clean': { code: MARK, manifest: 'side_effects: destructive\nidempotent: true\n' },
};

let deployment: Deployment;
let env: Record<string, string>;
let workers: SkillosProcess[];

beforeEach(async () => {
  workers = [];
  deployment = await openDeployment(rootWith(SKILLS));
  env = { ...deployment.env, SKILLOS_WORKER_VERSIONING: '1' };
});

afterEach(async () => {
  await Promise.all(workers.map(drain));
  await deployment.close();
});

async function startWorker(program?: string): Promise<{ worker: SkillosProcess; build: string }> {
  const argv = ['worker', '--json', '--queue', 'runs', '--queue', 'jobs'];
  const worker = startSkillos(argv, { env, timeoutMs: 1_800_000, ...(program && { program }) });
  workers.push(worker);
  const [, build = ''] = await worker.until('stdout', /"build":"([^"]+)"/);
  return { worker, build };
}

async function drain(worker: SkillosProcess): Promise<number> {
  worker.signal('SIGTERM');
  return (await worker.ended).code;
}

/** Starts runs, some at a time, until enough have been started; `ids` and `parked` are those of all so far. */
function openLoad(effects: string) {
  const { ports, temporal } = deployment;
  const ids: string[] = [];
  const parked: string[] = [];
  let asked = 0;
  const lane = async (isEnough: () => boolean): Promise<void> => {
    while (!isEnough()) {
      const parks = asked++ % PARKS === 0;
      const ask = {
        plan: { kind: 'step', step: { skill: parseSkillId(parks ? 'test/clean' : 'test/mark') } },
        payload: effects,
        principal: { subject: 'ann', roles: [], via: 'local' },
        tenant: 'default',
      } as const;
      await checkStartRequest(ports, ask);
      const { runId } = await startRun(ports, temporal, ask);
      (parks ? parked : ids).push(runId);
      if (!parks) await temporal.client.workflow.getHandle(runId).result();
    }
  };
  const until = (isEnough: () => boolean) =>
    Promise.all(Array.from({ length: IN_FLIGHT }, () => lane(isEnough)));
  const more = (count: number) => {
    const last = asked + count;
    return until(() => asked >= last);
  };
  return { ids, parked, until, more };
}

const stateOf = async (build: string): Promise<[BuildState | undefined, number | undefined]> => {
  const found = (await listBuilds(deployment.temporal)).find(({ id }) => id === build);
  return [found?.state, found?.runs];
};

test(
  'more than a hundred runs while workers of a new build replace those of the old one: none fails, each has its effect',
  async () => {
    const effects = join(deployment.root, 'effects');
    mkdirSync(effects);
    const newProgram = buildWithTimer();
    const [{ worker: first, build: oldBuild }, { worker: second }] = [
      await startWorker(),
      await startWorker(),
    ];
    const load = openLoad(effects);
    await load.more(RUNS_BEFORE);

    let promoted = false;
    const running = load.until(() => promoted);
    const { build: newBuild } = await startWorker(newProgram);
    expect(newBuild).not.toBe(oldBuild);
    await expect(skillos(['workers', 'promote', 'none'], { env })).resolves.toMatchObject({ code: 2 });
    await eventually(async () => {
      const { code, stdout } = await skillos(['workers', 'promote', newBuild], { env });
      expect([code, stdout]).toEqual([0, `build_promoted: ${newBuild}\n`]);
    });
    promoted = true;
    await running;
    const onNewBuild = load.more(RUNS_AFTER);
    expect(await drain(first)).toBe(0);
    await onNewBuild;

    const builds = await Promise.all(load.parked.map((id) => buildOfRun(deployment.temporal, id)));
    expect(new Set(builds)).toEqual(new Set([oldBuild, newBuild]));
    const waiting = builds.filter((build) => build === oldBuild).length;
    await eventually(async () => expect(await stateOf(oldBuild)).toEqual(['draining', waiting]));
    const [decided = '', ...rest] = load.parked;
    await expect(skillos(['approve', decided], { env })).resolves.toMatchObject({ code: 0 });
    for (const id of rest) await deployment.temporal.client.workflow.getHandle(id).signal('approve');
    const ends = load.parked.map((id) => deployment.temporal.client.workflow.getHandle(id).result());
    expect((await Promise.all(ends)).map(({ status }) => status)).toEqual(load.parked.map(() => 'success'));

    await eventually(async () => expect((await stateOf(oldBuild))[1]).toBe(0));
    expect(await drain(second)).toBe(0);
    expect(readdirSync(effects).toSorted()).toEqual([...load.ids, ...load.parked].toSorted());
    const { stdout } = await skillos(['audit', 'list', '--action', 'build_promoted', '--json'], { env });
    expect((JSON.parse(stdout) as { items: object[] }).items).toMatchObject([
      { before: { build: oldBuild }, after: { build: newBuild }, way: 'cli' },
      { before: { build: null }, after: { build: oldBuild }, way: 'worker' },
    ]);
  },
  PROCESSES_TIMEOUT_MS,
);

test(
  'a worker does not start if it cannot continue a run in flight of workers without versioning',
  async () => {
    env = deployment.env;
    const { temporal } = deployment;
    const { worker: earlier } = await startWorker();
    const load = openLoad(deployment.root);
    await load.more(1);
    const [parked = ''] = load.parked;
    await eventually(async () => {
      const found = await runsOfOtherCode(fleetOf(temporal), 'none', 20);
      expect(found).toMatchObject([{ workflowId: parked }]);
    });
    await drain(earlier);

    const newProgram = buildWithTimer();
    const reason = `does not continue run "${parked}", which other code began: \\[TMPRL1100\\] [^"{]* \\(build_cannot_replay\\)`;
    for (const versioning of ['0', '1']) {
      const started = { env: { ...env, SKILLOS_WORKER_VERSIONING: versioning }, program: newProgram };
      await expect(skillos(['worker'], started)).resolves.toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(new RegExp(reason)),
      });
    }

    const { worker: again } = await startWorker();
    await expect(skillos(['approve', parked], { env })).resolves.toMatchObject({ code: 0 });
    await expect(temporal.client.workflow.getHandle(parked).result()).resolves.toMatchObject({
      status: 'success',
    });
    await drain(again);
  },
  PROCESSES_TIMEOUT_MS,
);
