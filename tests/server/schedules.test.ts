/** Schedules over HTTP, on a real Temporal server. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { skillos } from '../support/skillos-process.ts';
import { SECRET, signToken } from '../support/tokens.ts';

const ECHO = {
  'test/echo': {
    code: 'export const run = (payload: unknown) => payload;',
    manifest: 'inputs: { type: string, maxLength: 20 }\n',
  },
};
const POLICIES = { roles: { planner: ['schedules:write', 'runs:read'] }, policies: [] };
const YEARLY = { skill: 'test.echo', cron: ['0 0 1 1 *'] };

let deployment: Deployment;
let api: TestApi;

beforeAll(async () => {
  const root = rootWith(ECHO);
  deployment = await openDeployment(root);
  await deployment.startWorker();
  api = await openApi(root, { connect: async () => deployment.temporal });
});

afterAll(async () => {
  expect(api.faults).toEqual([]);
  await api.close();
  await deployment.close();
});

async function add(id: string, body: object = YEARLY): Promise<void> {
  const { status, headers } = await api.post('/schedules', { ...body, id });
  expect([status, headers['location']]).toEqual([201, `/schedules/${id}`]);
}

const onServer = async (id: string) =>
  (await deployment.temporal.client.schedule.getHandle(id).describe()).state;

test('a schedule is added, listed, shown, disabled, enabled and removed, in the store and in Temporal', async () => {
  await add('yearly', { ...YEARLY, timezone: 'Europe/Berlin', times: 3, note: 'new year' });
  const { body } = await api.get('/schedules/yearly');
  expect(body).toMatchObject({
    schema: 'skillos.schedule/v1',
    skill: 'test/echo',
    status: 'enabled',
    cron: ['0 0 1 1 *'],
    timezone: 'Europe/Berlin',
    times: 3,
    note: 'new year',
    runs: [],
  });
  expect((body['next'] as string[])[0]).toMatch(/^\d{4}-12-31T23:00:00Z$/);
  const { body: listed } = await api.get('/schedules');
  expect(listed['items']).toMatchObject([{ id: 'yearly', status: 'enabled' }]);
  expect((await onServer('yearly')).paused).toBe(false);
  await expect(api.post('/schedules/yearly/disable')).resolves.toMatchObject({
    status: 200,
    body: { schema: 'skillos.schedule-change/v1', id: 'yearly', enabled: false },
  });
  expect((await onServer('yearly')).paused).toBe(true);
  await expect(api.post('/schedules/yearly/enable')).resolves.toMatchObject({ body: { enabled: true } });
  expect((await onServer('yearly')).paused).toBe(false);
  await expect(api.send('DELETE', '/schedules/yearly')).resolves.toMatchObject({
    status: 200,
    body: { id: 'yearly', removed: true },
  });
  await expect(onServer('yearly')).rejects.toThrow('not found');
  await expect(api.get('/schedules/yearly')).resolves.toMatchObject({ status: 404 });
});

test('a list has pages', async () => {
  const ids = ['page-1', 'page-2', 'page-3'];
  for (const id of ids) await add(id, { ...YEARLY, enabled: false });
  const page = async (after: string) => (await api.get(`/schedules?limit=2&after=${after}`)).body;
  await expect(page('page')).resolves.toMatchObject({
    items: [{ id: 'page-1' }, { id: 'page-2' }],
    next: 'page-2',
  });
  const last = await page('page-2');
  expect(last['items']).toMatchObject([{ id: 'page-3' }]);
  expect(last).not.toHaveProperty('next');
  const cli = await skillos(['schedule', 'list', '--limit', '1', '--after', 'page-1'], {
    env: deployment.env,
  });
  expect(cli.stdout).toMatch(/^page-2 /m);
  expect(cli.stderr).toBe('more: skillos schedule list --after page-2\n');
  for (const id of ids) await api.send('DELETE', `/schedules/${id}`);
  await expect(api.get('/schedules?after=A')).resolves.toMatchObject({ status: 422 });
}, 60_000);

test('a trigger starts a run that names its schedule', async () => {
  await add('now', { ...YEARLY, payload: 'hi', enabled: false });
  const { status, headers, body } = await api.post('/schedules/now/trigger');
  const runId = body['run_id'] as string;
  expect([status, headers['location']]).toEqual([202, `/runs/${runId}`]);
  await eventually(async () => {
    expect((await api.get(`/runs/${runId}`)).body).toMatchObject({
      status: 'success',
      schedule: 'now',
      result: 'hi',
    });
  });
  expect((await api.get('/runs?schedule=now')).body['items']).toMatchObject([{ run_id: runId }]);
  expect((await api.get('/schedules/now')).body['runs']).toMatchObject([
    { run_id: runId, status: 'success' },
  ]);
});

test('pages list schedules and show one, and a run links to its schedule', async () => {
  await add('shown', { ...YEARLY, timezone: 'Europe/Berlin', note: '<b>note</b>' });
  const { body } = await api.post('/schedules/shown/trigger');
  const run = encodeURIComponent(body['run_id'] as string);
  await eventually(async () => {
    const list = await api.get('/ui/schedules');
    expect(list.text).toContain('<a href="/ui/schedules/shown">shown</a>');
    expect(list.text).toContain(`<a href="/ui/runs/${run}">`);
  });
  const page = await api.get('/ui/schedules/shown');
  expect(page.status).toBe(200);
  expect(page.text).toContain('-01-01 00:00 +01:00 Europe/Berlin');
  expect(page.text).toContain('&lt;b&gt;note&lt;/b&gt;');
  await eventually(async () => {
    const { text } = await api.get(`/ui/runs/${run}`);
    expect(text).toContain('<a href="/ui/schedules/shown">shown</a>');
    expect(text).toContain('data-status="success"');
  });
  expect((await api.get('/ui/schedules/none')).status).toBe(404);
});

test('a backfill runs the times in order, and once', async () => {
  await add('daily', { skill: 'test.echo', cron: ['0 0 * * *'] });
  const span = { from: '2026-03-01', to: '2026-03-03' };
  const times = ['01', '02', '03'].map((day) => `2026-03-${day}T00:00:00Z`);
  await expect(api.post('/schedules/daily/backfill', { ...span, dry_run: true })).resolves.toMatchObject({
    status: 200,
    body: { times },
  });
  await expect(api.post('/schedules/daily/backfill', span)).resolves.toMatchObject({
    status: 202,
    body: { times },
  });
  await expect(api.post('/schedules/daily/backfill', span)).resolves.toMatchObject({
    status: 409,
    body: { code: 'backfill_running' },
  });
  await eventually(async () => {
    await expect(api.post('/schedules/daily/backfill', span)).resolves.toMatchObject({
      status: 200,
      body: { times: [] },
    });
  });
  const { body } = await api.get('/runs?schedule=daily');
  expect((body['items'] as { run_id: string }[]).map(({ run_id: id }) => id).toSorted()).toEqual(
    times.map((at) => `daily-${at}`),
  );
});

test('a preview marks what a clock change skips, and stores nothing', async () => {
  const ask = { cron: ['30 2 * * *'], timezone: 'Europe/Berlin', from: '2027-03-27', count: 2 };
  const { body } = await api.post('/schedules/preview', ask);
  expect(body).toEqual({
    schema: 'skillos.preview/v1',
    timezone: 'Europe/Berlin',
    words: 'At 02:30, Europe/Berlin',
    items: [
      { at: '2027-03-27T01:30:00Z' },
      { local: '2027-03-28 02:30', skipped: true },
      { at: '2027-03-29T00:30:00Z' },
    ],
  });
});

test('what has passed is stored with a warning, and a dry run stores nothing', async () => {
  const past = { skill: 'test.echo', run_at: '2026-01-18T08:00:00+03:00' };
  const { status, body } = await api.post('/schedules', { ...past, id: 'dry', dry_run: true });
  expect([status, body]).toMatchObject([
    200,
    { run_at: '2026-01-18T05:00:00Z', warnings: ['The time has passed; the next tick runs it'] },
  ]);
  await expect(api.get('/schedules/dry')).resolves.toMatchObject({
    status: 404,
    body: { code: 'unknown_schedule' },
  });
});

test.each<[object, number, string, string]>([
  [{ run_at: '2026-02-30T08:00:00Z' }, 422, 'invalid_schedule', 'Invalid run_at "2026-02-30T08:00:00Z"'],
  [{ run_at: 'tomorrow' }, 422, 'invalid_schedule', 'Invalid run_at "tomorrow"'],
  [{ cron: ['0 0 8 * * 1'] }, 422, 'invalid_schedule', '"0 0 8 * * 1"'],
  [{ cron: ['0 0 30 2 *'] }, 422, 'invalid_schedule', '"0 0 30 2 *"'],
  [{ cron: ['* * L * *'] }, 422, 'invalid_schedule', '"* * L * *"'],
  [{ cron: [] }, 422, 'request_invalid', 'cron'],
  [{ every: '500ms' }, 422, 'invalid_schedule', 'Invalid every "500ms"'],
  [{ every: '-1h' }, 422, 'invalid_schedule', 'Invalid every "-1h"'],
  [{}, 422, 'invalid_schedule', 'expected exactly one of run_at, cron and every, got 0'],
  [{ every: '1h', cron: ['@daily'] }, 422, 'invalid_schedule', 'got 2'],
  [{ every: '1h', timezone: 'Mars/Base' }, 422, 'invalid_schedule', 'Invalid timezone "Mars/Base"'],
  [{ every: '1h', timezone: '+03:00' }, 422, 'invalid_schedule', 'Invalid timezone "+03:00"'],
  [{ every: '1h', times: 0 }, 422, 'request_invalid', 'times'],
  [{ every: '1h', times: 1.5 }, 422, 'request_invalid', 'times'],
  [
    { every: '1h', start_at: '2027-01-02', end_at: '2027-01-01' },
    422,
    'invalid_schedule',
    'Invalid end_at "2027-01-01": expected a time after start_at',
  ],
  [{ every: '1h', overlap: 'queue' }, 422, 'request_invalid', 'overlap'],
  [{ every: '1h', catchup: '1s' }, 422, 'invalid_schedule', 'Invalid catchup "1s"'],
  [{ every: '1h', jitter: 'some' }, 422, 'invalid_schedule', 'Invalid jitter "some"'],
  [{ every: '1h', max_retries: -1 }, 422, 'request_invalid', 'max_retries'],
  [{ every: '1h', id: '../../x' }, 422, 'invalid_schedule', '"../../x"'],
  [{ every: '1h', id: 'CON' }, 422, 'invalid_schedule', '"CON"'],
  [{ every: '1h', id: 'x'.repeat(64) }, 422, 'invalid_schedule', 'at most 63'],
  [{ every: '1h', id: 'a\0' }, 422, 'invalid_schedule', 'Invalid schedule id'],
  [{ every: '1h', skill: 'test.none' }, 404, 'unknown_skill', 'test/none'],
  [{ every: '1h', payload: 'x'.repeat(21) }, 422, 'input_invalid', ''],
  [{ every: '1h', note: 'x'.repeat(1001) }, 422, 'request_invalid', 'note'],
  [{ every: '1h', approval: 'approved' }, 422, 'request_invalid', 'approval'],
])('refuses %j and writes nothing', async (body, status, code, detail) => {
  const before = (await api.get('/schedules')).body;
  const reply = await api.post('/schedules', { skill: 'test.echo', ...body });
  expect([reply.status, reply.body['code'], reply.body['detail']]).toEqual([
    status,
    code,
    expect.stringContaining(detail),
  ]);
  const after = (await api.get('/schedules')).body;
  expect((after['items'] as object[]).length).toBe((before['items'] as object[]).length);
});

test('an id that exists is refused', async () => {
  await add('twice');
  await expect(api.post('/schedules', { ...YEARLY, id: 'twice' })).resolves.toMatchObject({
    status: 409,
    body: { code: 'schedule_exists' },
  });
});

test.each([
  [{ from: '2027-01-02', to: '2027-01-01' }, 'Invalid to "2027-01-01": expected a time after from'],
  [{ from: 'x', to: '2027-01-01' }, 'Invalid from "x"'],
  [{ from: '2000-01-01', to: '2020-01-01' }, 'between from and to'],
])('refuses to backfill %j', async (span, detail) => {
  await api.post('/schedules', { skill: 'test.echo', every: '1h', id: 'hourly', enabled: false });
  const reply = await api.post('/schedules/hourly/backfill', span);
  expect([reply.status, reply.body['code'], reply.body['detail']]).toEqual([
    422,
    'invalid_schedule',
    expect.stringContaining(detail),
  ]);
});

test('without Temporal a change is stored, with a warning; a trigger is refused', async () => {
  const alone = await openApi(rootWith(ECHO));
  const added = await alone.post('/schedules', { ...YEARLY, id: 'later' });
  expect([added.status, added.body['warnings']]).toEqual([
    201,
    ['Temporal does not answer; the change takes effect there when a worker connects'],
  ]);
  await expect(alone.post('/schedules/later/trigger')).resolves.toMatchObject({
    status: 503,
    body: { code: 'engine_unreachable' },
  });
  const span = { from: '2027-01-01', to: '2027-01-01' };
  await expect(alone.post('/schedules/later/backfill', span)).resolves.toMatchObject({ status: 503 });
  await alone.close();
});

test('schedules of others are unknown without a permission', async () => {
  const root = rootWith(ECHO);
  mkdirSync(join(root, 'policies'));
  writeFileSync(join(root, 'policies', 'permission_policies.json'), JSON.stringify(POLICIES));
  const closed = await openApi(root, { settings: { SKILLOS_JWT_SECRET: SECRET } });
  const as = async (claims: Parameters<typeof signToken>[0]) => ({
    Authorization: `Bearer ${await signToken(claims)}`,
  });
  const [ann, ben, planner] = await Promise.all([
    as({ sub: 'ann' }),
    as({ sub: 'ben' }),
    as({ sub: 'pia', roles: ['planner'] }),
  ]);
  expect((await closed.post('/schedules', { ...YEARLY, id: 'ann1' }, ann)).status).toBe(201);
  expect((await closed.get('/schedules', ben)).body['items']).toEqual([]);
  expect((await closed.get('/schedules/ann1', ben)).status).toBe(404);
  for (const action of ['enable', 'disable', 'trigger']) {
    expect([action, (await closed.post(`/schedules/ann1/${action}`, {}, ben)).status]).toEqual([action, 404]);
  }
  expect((await closed.send('DELETE', '/schedules/ann1', { headers: ben })).status).toBe(404);
  expect((await closed.get('/schedules', planner)).body['items']).toMatchObject([{ id: 'ann1' }]);
  expect((await closed.post('/schedules/ann1/disable', {}, planner)).status).toBe(200);
  expect((await closed.send('DELETE', '/schedules/ann1', { headers: ann })).status).toBe(200);
  expect(closed.faults).toEqual([]);
  await closed.close();
});
