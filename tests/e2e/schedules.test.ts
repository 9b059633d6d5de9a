/** Schedules on a real server: each firing runs once, whoever starts it; the record is the truth. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { intlZones } from '../../adapters/machine/zones.ts';
import type { Actor } from '../../client/audit/authorize.ts';
import { addSchedule } from '../../client/schedules/add.ts';
import type { NewSchedule } from '../../client/schedules/add.ts';
import { backfill, timesToBackfill } from '../../client/schedules/backfill.ts';
import { applySchedule } from '../../client/schedules/derived-schedule.ts';
import { triggerSchedule } from '../../client/schedules/fire.ts';
import type { SchedulePorts } from '../../client/schedules/ports.ts';
import { repairSchedules } from '../../client/schedules/repair.ts';
import { listSchedules, openSchedule, removeSchedule, setEnabled } from '../../client/schedules/schedules.ts';
import { dueSchedules, tickSchedules } from '../../client/schedules/tick.ts';
import type { TickReport } from '../../client/schedules/tick.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { firedRunId, slotTime } from '../../core/values/schedule-id.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';

const NOTING = `
import { appendFileSync } from 'node:fs';
export function run(file: string) {
  appendFileSync(file, 'called\\n');
  return 'done';
}`;
const ACTOR: Actor = {
  rights: {
    principal: { subject: 'ann', roles: [], via: 'local' },
    tenant: 'default',
    file: { status: 'absent' },
    production: false,
  },
  way: 'cli',
};
const KEY = 'a-server-key-of-at-least-32-characters';

let deployment: Deployment;
let ports: SchedulePorts;
let count = 0;

beforeAll(async () => {
  const root = rootWith({
    'test/note': { code: NOTING },
    'test/fail': { code: 'export function run() { throw new Error("no"); }' },
  });
  deployment = await openDeployment(root, { SKILLOS_SERVER_KEY: KEY });
  ports = { ...deployment.ports, zones: intlZones };
  await deployment.startWorker();
});

afterAll(() => deployment.close());

/** A schedule of its own, and how often its skill was called. */
async function add(request: NewSchedule['request'], more: Partial<NewSchedule> = {}) {
  const id = `s${++count}-${deployment.taskQueue.slice(-8)}`;
  const file = join(deployment.root, id);
  const schedule = await addSchedule(ports, ACTOR, {
    request,
    skill: parseSkillId('test/note'),
    payload: file,
    id,
    zone: 'UTC',
    ...more,
  });
  const calls = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
  const apply = async () =>
    applySchedule(ports, deployment.temporal, await openSchedule(ports, ACTOR.rights, id));
  return { id, schedule, calls, apply };
}

async function tick(id: string): Promise<readonly TickReport[]> {
  const reports: TickReport[] = [];
  const { due } = await dueSchedules(ports, ACTOR);
  await tickSchedules(ports, deployment.temporal, {
    schedules: due.filter((schedule) => schedule.id === id),
    actor: ACTOR,
    signal: new AbortController().signal,
    onReport: (report) => reports.push(report),
  });
  return reports;
}

const record = (runId: string) => runRecords(ports.records).get(runId);
const shown = (id: string) => openSchedule(ports, ACTOR.rights, id);

test('Temporal fires what the record says, as often as it says', async () => {
  const { id, apply, calls } = await add({ every: '1s', times: '2', overlap: 'allow' });
  await apply();
  await eventually(async () =>
    expect((await shown(id)).fired.map(({ end }) => end)).toEqual(['success', 'success']),
  );
  const { fired, firedCount } = await shown(id);
  expect(firedCount).toBe(2);
  expect(await record(fired[0]?.runId as string)).toMatchObject({
    schedule: id,
    status: 'success',
    principal: { subject: 'ann' },
    createdAt: fired[0]?.at,
  });
  expect(fired[0]?.runId).toBe(`${id}-${slotTime(Date.parse(fired[0]?.at as string))}`);
  expect(calls()).toBe(2);
  const log = readFileSync(join(deployment.root, 'logs', 'execution.log'), 'utf8')
    .trim()
    .split('\n');
  const events = log
    .map((line) => JSON.parse(line) as { readonly event: string; readonly schedule_id?: string })
    .filter((line) => line.schedule_id === id)
    .map(({ event }) => event);
  const ofOne = ['schedule_due', 'schedule_started', 'schedule_completed'];
  expect(events.sort()).toEqual([...ofOne, ...ofOne].sort());
});

test('two ticks at once run an overdue one-shot once, and it is completed', async () => {
  const { id, calls } = await add({ runAt: '2026-01-18T08:00:00+03:00' });
  const runId = `${id}-2026-01-18T05:00:00Z`;
  const reports = (await Promise.all([tick(id), tick(id)])).flat();
  // The tick that lists the schedules after the other has finished finds none that is due.
  expect(reports.length).toBeGreaterThan(0);
  expect(reports).toEqual(reports.map(() => ({ schedule: id, status: 'completed', runId })));
  expect(calls()).toBe(1);
  expect(await tick(id)).toEqual([]);
});

test('a failure is reported, and may disable the schedule', async () => {
  const { id } = await add(
    { runAt: '2026-01-18T08:00:00+03:00' },
    { skill: parseSkillId('test/fail'), pauseOnFailure: true },
  );
  expect(await tick(id)).toMatchObject([{ status: 'failed' }]);
  await eventually(async () => expect((await shown(id)).enabled).toBe(false));
});

test('a run of a time that the schedule does not have, that is past or to come, or of one that is disabled, is refused', async () => {
  const { id, schedule, calls } = await add({ cron: ['0 0 1 1 *'] });
  const start = async (at: string) => {
    const runId = firedRunId({ tenant: 'default', schedule: id, at: Date.parse(at), attempt: 1 });
    const { client, target } = deployment.temporal;
    await client.workflow.start('run', {
      workflowId: runId,
      taskQueue: target.taskQueue,
      args: [schedule.request],
    });
    await eventually(async () => expect((await record(runId))?.endedAt).toBeDefined());
    return record(runId);
  };
  expect(await start('2027-01-02T00:00:00Z')).toMatchObject({ status: 'error', reason: 'schedule_refused' });
  expect(await start('2020-01-01T00:00:00Z')).toMatchObject({
    error: { message: 'The time 2020-01-01T00:00:00.000Z is more than 30 days ago' },
  });
  expect(await start('2090-01-01T00:00:00Z')).toMatchObject({
    error: { message: 'The time 2090-01-01T00:00:00.000Z has not come yet' },
  });
  await setEnabled(ports, ACTOR, { id, enabled: false });
  expect(await start('2027-01-01T00:00:00Z')).toMatchObject({
    error: { message: 'The schedule is disabled' },
  });
  expect(calls()).toBe(0);
});

test('the request of one schedule serves no other', async () => {
  const one = await add({ cron: ['0 0 1 1 *'] });
  const other = await add({ cron: ['0 0 1 1 *'] });
  const runId = `${other.id}-2027-01-01T00:00:00Z`;
  const { client, target } = deployment.temporal;
  const request = { ...one.schedule.request, schedule: other.id };
  await client.workflow.start('run', { workflowId: runId, taskQueue: target.taskQueue, args: [request] });
  await eventually(async () => expect((await record(runId))?.status).toBe('blocked'));
  expect(await record(runId)).toMatchObject({ reason: 'permission_denied', policy: 'identity' });
});

test('a trigger runs a disabled schedule, and two within a second run twice', async () => {
  const { id, calls } = await add({ cron: ['0 0 1 1 *'] }, { isDisabled: true });
  const schedule = await shown(id);
  const frozen: SchedulePorts = { ...ports, now: () => Date.parse('2027-01-05T10:00:00Z') };
  const first = await triggerSchedule(frozen, deployment.temporal, { actor: ACTOR, schedule });
  const second = await triggerSchedule(frozen, deployment.temporal, { actor: ACTOR, schedule });
  expect([first, second]).toEqual([`${id}-2027-01-05T10:00:00Z`, `${id}-2027-01-05T10:00:00Z-2`]);
  await eventually(() => expect(calls()).toBe(2));
});

test('two backfills at once run each time once, and a third one nothing', async () => {
  const { id, calls } = await add({ cron: ['0 0 * * *'] });
  const schedule = await shown(id);
  const span = { from: Date.parse('2026-03-01'), to: Date.parse('2026-03-03') };
  const run = async () => {
    const times = await timesToBackfill(ports, schedule, span);
    const runs: string[] = [];
    await backfill(ports, deployment.temporal, {
      schedule,
      times,
      signal: new AbortController().signal,
      onRun: ({ id: runId, status }) => runs.push(`${runId} ${status}`),
    });
    return runs;
  };
  const all = ['01', '02', '03'].map((day) => `${id}-2026-03-${day}T00:00:00Z success`);
  const both = await Promise.all([run(), run()]);
  expect([...new Set(both.flat())].sort()).toEqual(all);
  expect(await run()).toEqual([]);
  expect(calls()).toBe(3);
});

test('a wiped server gets all schedules back, and a second repair changes nothing', async () => {
  const { id, apply } = await add({ cron: ['0 8 * * 1-5'], timezone: 'Europe/Berlin' });
  await apply();
  const { client } = deployment.temporal;
  await client.schedule.getHandle(id).delete();
  await eventually(async () => {
    await repairSchedules(ports, deployment.temporal);
    expect(await repairSchedules(ports, deployment.temporal)).toBe(0);
  });
  expect((await client.schedule.getHandle(id).describe()).state.paused).toBe(false);
  await setEnabled(ports, ACTOR, { id, enabled: false });
  await repairSchedules(ports, deployment.temporal);
  expect((await client.schedule.getHandle(id).describe()).state.paused).toBe(true);
  await removeSchedule(ports, ACTOR, id);
  await repairSchedules(ports, deployment.temporal);
  await expect(client.schedule.getHandle(id).describe()).rejects.toThrow('not found');
  const { items } = await listSchedules(ports, ACTOR.rights, { limit: 1000 });
  expect(items.map((schedule) => schedule.id)).not.toContain(id);
  await expect(shown(id)).rejects.toThrow(expect.objectContaining({ code: 'unknown_schedule' }));
});
