/** The concurrency limit of a skill, with two workers of which one is killed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRun } from '../../client/runs/run-records.ts';
import { startRun } from '../../client/submit/start-run.ts';
import { SLOTS_KIND } from '../../core/limits/concurrency.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { openDeployment, rootWith, spawnWorker } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import { runCli } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Notes its begin and end; ends once the file `go` exists, and fails once if the payload says so. Returns its attempt. */
const NOTING = `
import { appendFileSync, existsSync } from 'node:fs';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export async function run(payload: string, ctx: { runId: string; step: number; attempt: number }) {
  const [folder, fails] = payload.split(' ');
  const note = (what: string) =>
    appendFileSync(folder + '/events', what + ' ' + ctx.runId + ':' + ctx.step + ':' + ctx.attempt + '\\n');
  note('begin');
  while (!existsSync(folder + '/go')) await pause(20);
  await pause(100);
  note('end');
  if (fails && ctx.attempt === 1) throw new Error('not yet');
  return ctx.attempt;
}`;

const SKILLS = {
  'test/two': { code: NOTING, manifest: 'side_effects: read\nconcurrency: 2\nretry: { initial: 10ms }\n' },
  'test/one': { code: NOTING, manifest: 'concurrency: 1\n' },
  'test/free': { code: "export const run = () => 'done';" },
};

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Note {
  readonly what: string;
  readonly attempt: string;
}

function notesIn(folder: string): readonly Note[] {
  return readFileSync(join(folder, 'events'), { encoding: 'utf8', flag: 'a+' })
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([what = '', attempt = '']) => ({ what, attempt }));
}

function begunIn(folder: string): readonly string[] {
  return notesIn(folder).flatMap(({ what, attempt }) => (what === 'begin' ? [attempt] : []));
}

/** The largest number of attempts at once, among those that have ended. */
function mostAtOnce(folder: string): number {
  const notes = notesIn(folder);
  const ended = new Set(notes.flatMap(({ what, attempt }) => (what === 'end' ? [attempt] : [])));
  let running = 0;
  const counts = notes
    .filter(({ attempt }) => ended.has(attempt))
    .map(({ what }) => (what === 'begin' ? ++running : --running));
  return Math.max(...counts);
}

/** One run per payload. */
function startAll(
  { ports, temporal }: Deployment,
  steps: string,
  payloads: readonly string[],
): Promise<readonly string[]> {
  const principal = { subject: 'tester', roles: [], via: 'local' } as const;
  const ask = { plan: parseSteps([steps]), principal, tenant: 'default' };
  return Promise.all(
    payloads.map(async (payload) => (await startRun(ports, temporal, { ...ask, payload })).runId),
  );
}

/** The output of a run that succeeds, or the reason for which it ends otherwise. */
async function endOf({ ports, temporal }: Deployment, runId = '') {
  await temporal.client.workflow
    .getHandle(runId)
    .result()
    .catch(() => undefined);
  const { status, output, reason } = await findRun(ports, runId);
  return status === 'success' ? output : reason;
}

async function waits({ env }: Deployment, runId: string | undefined, message: string): Promise<void> {
  await eventually(async () => {
    const { stdout } = await runCli(['why', runId ?? '', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ reason: 'concurrency_limited', message, status: 'running' });
  });
}

test.each(['file', 'postgres'])(
  'so many steps run at once as the manifest says, on %s, though a worker is killed',
  async (backend) => {
    const server = backend === 'postgres' ? await startPostgres() : undefined;
    const deployment = await openDeployment(rootWith(SKILLS), {
      SKILLOS_SKILL_PROCESSES: '4',
      SKILLOS_STORAGE_BACKEND: backend,
      ...(server === undefined ? {} : { SKILLOS_POSTGRES_DSN: server.dsn }),
    });
    closing.push(() => deployment.close());
    const { ports, temporal } = deployment;
    const killed = await spawnWorker(deployment);
    closing.push(() => killed.end('SIGKILL'));
    const [two, one] = [tempFolder(), tempFolder()];
    const holders = await startAll(deployment, 'test/two', [two, two]);
    await eventually(() => expect(begunIn(two)).toHaveLength(2));
    const other = await spawnWorker(deployment);
    closing.push(() => other.end('SIGTERM'));
    const [cancelled, single, fails] = await startAll(deployment, 'test/two', [two, two, `${two} fails`]);
    const [group] = await startAll(deployment, 'test/two|test/two', [two]);
    for (const runId of [cancelled, group]) {
      await waits(deployment, runId, 'Waits for concurrency of test/two: 2 of 2 run');
    }
    const [free] = await startAll(deployment, 'test/free', ['']);
    expect(await endOf(deployment, free)).toEqual({ value: 'done' });
    await temporal.client.workflow.getHandle(cancelled as string).cancel();
    expect(await endOf(deployment, cancelled)).toBe('run_cancelled');
    expect(begunIn(two)).toHaveLength(2);

    await killed.end('SIGKILL');
    const ones = await startAll(deployment, 'test/one', [one, one]);
    await eventually(() => expect(begunIn(one)).toHaveLength(1));
    const next = ones.find((runId) => !begunIn(one)[0]?.startsWith(runId));
    await waits(deployment, next, 'Waits for concurrency of test/one: 1 of 1 run');
    for (const folder of [one, two]) writeFileSync(join(folder, 'go'), '');
    const ends = (runIds: readonly (string | undefined)[]) =>
      Promise.all(runIds.map((runId) => endOf(deployment, runId)));
    expect(await ends([single, fails, ...ones])).toEqual([1, 2, 1, 1].map((value) => ({ value })));
    expect(await ends([group, ...holders])).toEqual([
      { parts: [{ value: 1 }, { value: 1 }] },
      { value: 2 },
      { value: 2 },
    ]);
    expect(mostAtOnce(two)).toBeLessThanOrEqual(2);
    expect(mostAtOnce(one)).toBe(1);

    const { events } = await temporal.client.workflow.getHandle(single as string).fetchHistory();
    expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toHaveLength(1);
    const { stdout } = await runCli(['runs', 'trace', fails as string, '--json'], { env: deployment.env });
    expect(JSON.parse(stdout)).toMatchObject({ steps: [{ attempts: 2, status: 'success' }] });
    await eventually(async () => expect(await ports.records.list(SLOTS_KIND)).toEqual([]));
  },
  120_000,
);
