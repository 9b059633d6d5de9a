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

async function start({ ports, temporal }: Deployment, steps: string, payload: string): Promise<string> {
  const principal = { subject: 'tester', roles: [], via: 'local' } as const;
  const ask = { plan: parseSteps(steps.split(' ')), payload, principal, tenant: 'default' };
  return (await startRun(ports, temporal, ask)).runId;
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
    const { ports, temporal, env } = deployment;
    const [killed, other] = await Promise.all([spawnWorker(deployment), spawnWorker(deployment)]);
    closing.push(
      () => other.end('SIGTERM'),
      () => killed.end('SIGKILL'),
    );
    const [two, one] = [tempFolder(), tempFolder()];
    const first = await Promise.all([
      start(deployment, 'test/two', two),
      start(deployment, 'test/two', two),
      start(deployment, 'test/one', one),
    ]);
    await eventually(() => expect([begunIn(two).length, begunIn(one).length]).toEqual([2, 1]));
    const waiting = await Promise.all([
      start(deployment, 'test/two', two),
      start(deployment, 'test/two', two),
      start(deployment, 'test/two|test/two', two),
      start(deployment, 'test/one', one),
      start(deployment, 'test/two', `${two} fails`),
    ]);
    const [cancelled, single, group, once, fails] = waiting;
    for (const [runId, skill, of] of [
      [cancelled, 'test/two', 2],
      [group, 'test/two', 2],
      [once, 'test/one', 1],
    ] as const) {
      const message = `Waits for concurrency of ${skill}: ${of} of ${of} run`;
      await eventually(async () => {
        const { stdout } = await runCli(['why', runId, '--json'], { env });
        expect(JSON.parse(stdout)).toMatchObject({
          reason: 'concurrency_limited',
          message,
          status: 'running',
        });
      });
    }
    const free = await start(deployment, 'test/free', '');
    await temporal.client.workflow.getHandle(free).result();
    await temporal.client.workflow.getHandle(cancelled).cancel();
    await eventually(async () => expect((await findRun(ports, cancelled)).status).toBe('cancelled'));
    expect([begunIn(two).length, begunIn(one).length]).toEqual([2, 1]);

    await killed.end('SIGKILL');
    writeFileSync(join(two, 'go'), '');
    writeFileSync(join(one, 'go'), '');
    const outputOf = async (runId: string) => {
      await temporal.client.workflow
        .getHandle(runId)
        .result()
        .catch(() => undefined);
      const { status, output, reason } = await findRun(ports, runId);
      return status === 'success' ? output : reason;
    };
    expect(await Promise.all([single, once, fails].map(outputOf))).toEqual([
      { value: 1 },
      { value: 1 },
      { value: 2 },
    ]);
    expect(await outputOf(group)).toEqual({ parts: [{ value: 1 }, { value: 1 }] });
    const [a, b, c] = await Promise.all(first.map(outputOf));
    expect([a, b]).toEqual([{ value: expect.any(Number) }, { value: expect.any(Number) }]);
    expect([{ value: 1 }, 'outcome_unknown']).toContainEqual(c);
    expect(mostAtOnce(two)).toBeLessThanOrEqual(2);
    expect(mostAtOnce(one)).toBe(1);
    const { events } = await temporal.client.workflow.getHandle(single).fetchHistory();
    expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toHaveLength(1);
    const { stdout } = await runCli(['runs', 'trace', fails, '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ steps: [{ attempts: 2, status: 'success' }] });
    await eventually(async () => expect(await ports.records.list(SLOTS_KIND)).toEqual([]));
  },
  120_000,
);
