/** `skillos schedule`: what each command prints, and what bad input leads to. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { runCli } from '../support/run-cli.ts';

let deployment: Deployment;

beforeAll(async () => {
  const root = rootWith({
    'test/echo': {
      code: 'export function run(input: unknown) { return input; }',
      manifest: 'inputs: { type: object, required: [city], properties: { city: { type: string } } }\n',
    },
    'test/plain': { code: "export function run() { return 'ok'; }" },
  });
  deployment = await openDeployment(root);
  await deployment.startWorker();
});

afterAll(() => deployment.close());

const cli = (...args: string[]) => runCli(['schedule', ...args], { env: deployment.env });
const name = (text: string) => `${text}-${deployment.taskQueue.slice(-10)}`;

test('a root without schedules says so', async () => {
  expect(await cli('list')).toMatchObject({ code: 0, stdout: 'no_schedules\n' });
  expect(await cli('tick')).toMatchObject({ code: 0, stdout: 'no_schedules\n' });
});

test('the whole life of a schedule', async () => {
  const id = name('report');
  const added = await cli(
    'add',
    'test/plain',
    '--cron',
    '30 8 * * 1-5',
    '--timezone',
    'Europe/Berlin',
    '--id',
    id,
  );
  expect(added).toMatchObject({ code: 0, stdout: `schedule_added: ${id}\n` });
  expect(added.stderr).toMatch(/^(next: \d{4}-\d\d-\d\d 08:30 \+0[12]:00 Europe\/Berlin, \S+Z\n){3}$/);
  expect((await cli('list')).stdout).toContain('At 08:30, Monday through Friday, Europe/Berlin');
  expect(await cli('disable', id)).toMatchObject({ code: 0, stdout: `schedule_disabled: ${id}\n` });
  expect((await cli('show', id)).stdout).toContain('status:   disabled');
  expect((await runCli(['why', id], { env: deployment.env })).stdout).toBe(
    `disabled: The schedule is disabled\ntry: skillos schedule enable ${id}\n`,
  );
  expect(await cli('enable', id)).toMatchObject({ code: 0, stdout: `schedule_enabled: ${id}\n` });
  expect(await cli('tick')).toMatchObject({ code: 0, stdout: 'no_schedules_due\n' });
  const triggered = await cli('trigger', id);
  const runId = triggered.stdout.trim().replace('schedule_triggered: ', '');
  expect(runId).toMatch(new RegExp(`^${id}-\\d{4}-.*Z$`));
  const runs = await runCli(['runs', 'list', '--schedule', id, '--json'], { env: deployment.env });
  expect(runs.code).toBe(0);
  expect(await cli('remove', id)).toMatchObject({ code: 0, stdout: `schedule_removed: ${id}\n` });
  expect(await cli('show', id)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Unknown schedule'),
  });
});

test('an overdue one-shot is accepted with a warning and run by the next tick', async () => {
  const id = name('once');
  const added = await cli('add', 'test/plain', '--run-at', '2026-01-18T08:00:00+03:00', '--id', id);
  expect(added).toMatchObject({ code: 0, stdout: `schedule_added: ${id}\n` });
  expect(added.stderr).toContain('warning: the time has passed');
  const ticked = await cli('tick');
  expect(ticked).toMatchObject({ code: 0, stdout: `schedule_completed: ${id}\n` });
  const shown = JSON.parse((await cli('show', id, '--json')).stdout) as Record<string, unknown>;
  expect(shown).toMatchObject({
    schema: 'skillos.schedule/v1',
    status: 'completed',
    runs: [{ run_id: `${id}-2026-01-18T05:00:00Z`, status: 'success', schedule: id }],
  });
});

test('a backfill can be tried first', async () => {
  const id = name('daily');
  await cli('add', 'test/plain', '--cron', '@daily', '--id', id);
  const days = ['--from', '2026-03-01', '--to', '2026-03-02'];
  const dry = await cli('backfill', id, ...days, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stdout: '2026-03-01T00:00:00Z\n2026-03-02T00:00:00Z\n' });
  expect((await cli('backfill', id, ...days)).stdout).toBe(
    `${id}-2026-03-01T00:00:00Z success\n${id}-2026-03-02T00:00:00Z success\n`,
  );
  expect((await cli('backfill', id, ...days)).stdout).toBe('nothing_to_backfill\n');
});

test('a preview marks the nights of a clock change, and needs nothing', async () => {
  const env = { SKILLOS_ROOT: join(deployment.root, 'absent') };
  const preview = (...args: string[]) => runCli(['schedule', 'preview', ...args], { env });
  const zone = ['--timezone', 'Europe/Berlin', '--count', '2'];
  expect((await preview('--cron', '30 2 * * *', ...zone, '--from', '2027-03-27')).stdout).toBe(
    '2027-03-27 02:30 +01:00  2027-03-27T01:30:00Z\n' +
      '2027-03-28 02:30  left out: clocks skip this time\n' +
      '2027-03-29 02:30 +02:00  2027-03-29T00:30:00Z\n',
  );
  expect((await preview('--cron', '30 2 * * *', ...zone, '--from', '2027-10-31')).stdout).toBe(
    '2027-10-31 02:30 +02:00  2027-10-31T00:30:00Z  clocks show this time twice: the first\n' +
      '2027-11-01 02:30 +01:00  2027-11-01T01:30:00Z\n',
  );
});

test.each([
  [['test/plain'], 'expected exactly one of --run-at, --cron and --every, got 0'],
  [['test/plain', '--every', '10m', '--cron', '@daily'], 'got 2'],
  [['test/plain', '--run-at', '2026-02-30'], 'Invalid --run-at "2026-02-30": expected a date that exists'],
  [['test/plain', '--cron', '0 0 30 2 *'], 'this expression never fires'],
  [['test/plain', '--cron', '* * * * * *'], 'expected five fields'],
  [['test/plain', '--every', '10ms'], 'Invalid --every "10ms": expected whole seconds between 1s and 366d'],
  [['test/plain', '--every', '10m', '--timezone', 'Mars/Base'], 'Invalid --timezone "Mars/Base"'],
  [['test/plain', '--every', '10m', '--times', '0'], 'Invalid --times "0"'],
  [['test/plain', '--every', '10m', '--max-retries', '-1'], 'max-retries'],
  [
    ['test/plain', '--every', '10m', '--start-at', '2027-02-01', '--end-at', '2027-01-01'],
    'Invalid --end-at',
  ],
  [['test/plain', '--every', '10m', '--id', '../../x'], 'Invalid schedule id "../../x"'],
  [['test/plain', '--every', '10m', '--id', 'CON'], 'Invalid schedule id "CON"'],
  [['test/plain', '--every', '10m', '--id', 'x'.repeat(300)], 'Invalid schedule id "xxx'],
  [['test/absent', '--every', '10m'], 'Unknown skill "test/absent"'],
  [['test/echo', '--every', '10m', '--payload', '{}'], 'Invalid payload'],
])('add %j is refused and writes nothing', async (args, message) => {
  const { code, stdout, stderr } = await cli('add', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(existsSync(join(deployment.root, 'runtime', 'records', 'schedules', 'x.json'))).toBe(false);
});
