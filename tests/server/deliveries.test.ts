/** Deliveries over HTTP and on the pages, on a real Temporal server: what they started, and starting it again. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRecords } from '../../core/runs/run-records.ts';
import { schemeOf } from '../../core/webhooks/scheme.ts';
import { SkillosClient } from '../../server/sdk.ts';
import { openApi } from '../support/api.ts';
import type { ApiReply, TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { skillos } from '../support/skillos-process.ts';
import { SECRET, signToken } from '../support/tokens.ts';
import { Visitor } from '../support/visitor.ts';
import { writeFiles } from '../support/write-files.ts';

const SKILLS = {
  'test/files': {
    code: `
import { existsSync } from 'node:fs';
export async function run(payload: string, { attachments }: any) {
  if (!existsSync(JSON.parse(payload).payload)) throw new Error('not yet');
  const [file] = attachments.list();
  return new TextDecoder().decode(await attachments.read(file.id));
}`,
    manifest: 'retry: { max_attempts: 1 }\n',
  },
};
const TRIGGERS = { webhooks: [{ id: 'orders', skill_id: 'test/files' }, { id: 'broken' }] };
const SETTINGS = { SKILLOS_WEBHOOK_SECRET: 'sesame' };

function rootWithTriggers(): string {
  const root = rootWith(SKILLS);
  writeFiles(root, { 'triggers/webhooks.json': JSON.stringify(TRIGGERS) });
  return root;
}

async function deliver(api: TestApi, body: object): Promise<ApiReply> {
  const raw = JSON.stringify(body);
  const now = Math.floor(Date.now() / 1000);
  const headers = schemeOf('skillos').headers({ secret: 'sesame', body: Buffer.from(raw), now, id: '' });
  return api.send('POST', '/webhooks/orders', { raw, headers });
}

let deployment: Deployment;
let api: TestApi;

beforeAll(async () => {
  const root = rootWithTriggers();
  deployment = await openDeployment(root);
  api = await openApi(root, { connect: async () => deployment.temporal, settings: SETTINGS });
});

afterAll(async () => {
  expect(api.faults).toEqual([]);
  await api.close();
  await deployment.close();
});

const cli = (...argv: readonly string[]) => skillos(argv, { env: deployment.env, timeoutMs: 110_000 });
const text = (content: string) => ({
  filename: 'note.txt',
  content_type: 'text/plain',
  data: Buffer.from(content).toString('base64'),
});

function eventsOf(job: string): readonly string[] {
  const log = readFileSync(join(deployment.root, 'logs', 'execution.log'), 'utf8')
    .trimEnd()
    .split('\n');
  return log
    .map((line) => JSON.parse(line) as { readonly event: string; readonly job_id?: string })
    .filter((line) => line.job_id === job)
    .map(({ event }) => event);
}

test('a job that failed is requeued with the attachments of its delivery, and these are pruned once', async () => {
  const signal = join(deployment.root, 'ready');
  const sent = await deliver(api, { payload: signal, attachments: [text('hello')] });
  const job = sent.body['job_id'] as string;
  await cli('job', 'work');
  expect((await api.get(`/jobs/${job}`)).body).toMatchObject({ status: 'error', trigger: 'orders' });
  writeFileSync(signal, '');
  const requeued = (await api.post(`/jobs/${job}/requeue`, {})).body['job_id'] as string;
  const prune = () => cli('attachments', 'prune', '--older-than', '0s', '--yes');
  expect((await prune()).stdout).toBe(
    'attachments_pruned: 0 of 0 runs, 0 bytes; 1 runs in flight keep theirs\n',
  );
  await cli('job', 'work');
  await expect(runRecords(deployment.ports.records).get(requeued)).resolves.toMatchObject({
    status: 'success',
    output: { value: 'hello' },
  });
  await eventually(() => {
    expect(eventsOf(job)).toEqual(['job_enqueued', 'job_started', 'job_failed']);
    expect(eventsOf(requeued)).toEqual(['job_enqueued', 'job_started', 'job_succeeded']);
  });
  expect((await prune()).stdout).toMatch(/^attachments_pruned: 1 of 1 runs, 5 bytes;/);
  expect(existsSync(join(deployment.root, 'attachments'))).toBe(true);
  expect(readdirSync(join(deployment.root, 'attachments'))).toEqual([]);
});

test('lists triggers with the state of their secrets', async () => {
  const { body } = await api.get('/webhooks');
  expect(body).toMatchObject({
    schema: 'skillos.triggers/v1',
    items: [{ id: 'orders', skill: 'test/files', scheme: 'skillos', url: '/webhooks/orders', secret: 'set' }],
    problems: [{ entry: 'broken' }],
  });
});

test('lists deliveries page by page, shows one, and enqueues its job again', async () => {
  const first = (await deliver(api, { payload: 'one' })).body;
  const second = (await deliver(api, { payload: 'two' })).body;
  const page = (await api.get('/webhooks/deliveries?trigger=orders&limit=1')).body;
  expect(page).toMatchObject({
    schema: 'skillos.deliveries/v1',
    items: [{ id: second['delivery_id'], status: 'enqueued', job_id: second['job_id'] }],
    next: second['delivery_id'],
  });
  const next = (await api.get(`/webhooks/deliveries?limit=1&after=${page['next'] as string}`)).body;
  expect(next['items']).toMatchObject([{ id: first['delivery_id'] }]);
  expect((await api.get('/webhooks/deliveries?trigger=none')).body).toEqual({
    schema: 'skillos.deliveries/v1',
    items: [],
  });
  const path = `/webhooks/deliveries/${first['delivery_id'] as string}`;
  expect((await api.get(path)).body).toMatchObject({ trigger: 'orders', body: { payload: 'one' } });
  const replayed = await api.post(`${path}/replay`);
  const job = replayed.body['job_id'] as string;
  expect([replayed.status, replayed.headers['location']]).toEqual([202, `/jobs/${job}`]);
  expect(job).not.toBe(first['job_id']);
  const { body } = await api.get('/webhooks/deliveries?limit=1');
  expect(body['items']).toMatchObject([{ job_id: job, replay_of: first['delivery_id'] }]);
});

test('the typed client has the calls for jobs, schedules and deliveries', async () => {
  const client = new SkillosClient({ baseUrl: api.url });
  const { job_id: id } = await client.jobs.enqueue({ skill: 'test/files', payload: 'x', delay: '1h' });
  expect(await client.jobs.get(id)).toMatchObject({ status: 'queued', phase: 'delayed' });
  expect((await client.jobs.list({ limit: 1 })).items).toMatchObject([{ job_id: id }]);
  expect(await client.jobs.cancel(id)).toMatchObject({ status: 'cancelled' });
  await expect(client.jobs.requeue(id)).resolves.toMatchObject({ requeue_of: id });
  expect((await client.jobs.dead()).items).toEqual([]);
  await client.schedules.add({ id: 'sdk', skill: 'test/files', every: '1d', payload: 'x' });
  expect((await client.schedules.list()).items).toMatchObject([{ id: 'sdk' }]);
  expect(await client.schedules.disable('sdk')).toMatchObject({ enabled: false });
  expect((await client.schedules.get('sdk')).status).toBe('disabled');
  const span = { from: '2026-01-01', to: '2026-01-02', dry_run: true };
  expect((await client.schedules.backfill('sdk', span)).times).toHaveLength(2);
  expect((await client.schedules.preview({ every: '1d', count: 1 })).items).toHaveLength(1);
  expect(await client.schedules.remove('sdk')).toMatchObject({ removed: true });
  expect((await client.deliveries.triggers()).items).toMatchObject([{ id: 'orders' }]);
  const [last] = (await client.deliveries.list({ limit: 1 })).items;
  const { job_id: repeated } = await client.deliveries.replay(last?.id ?? '');
  expect(await client.deliveries.get(last?.id ?? '')).toMatchObject({ trigger: 'orders' });
  expect(await client.jobs.get(repeated)).toMatchObject({ trigger: 'orders' });
});

test.each([
  ['GET', '/webhooks/deliveries/01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
  ['GET', '/webhooks/deliveries/..%2f..%2fx'],
  ['GET', '/webhooks/deliveries?after=x'],
  ['POST', '/webhooks/deliveries/01KAP3M2Q4V8Z0W6T5R7Y9X1BC/replay'],
])('%s %s is unknown', async (method, path) => {
  const { status, body } = await api.send(method, path);
  expect([status, body['code']]).toEqual([404, 'unknown_delivery']);
});

test('pages lead from a run to its trigger, to the delivery, and to the job that repeats it', async () => {
  const sent = (await deliver(api, { payload: '<b>bold</b>' })).body;
  const job = sent['job_id'] as string;
  const run = `/ui/runs/${encodeURIComponent(job)}`;
  const trigger = '<a href="/ui/webhooks?trigger=orders">';
  expect((await api.get('/ui/runs')).text).toContain(
    `${trigger}<span class="badge quiet">webhook</span> orders</a>`,
  );
  expect((await api.get(run)).text).toContain(`${trigger}orders</a>`);
  const delivery = `/ui/webhooks/${sent['delivery_id'] as string}`;
  expect((await api.get('/ui/webhooks?trigger=orders')).text).toContain(`<a href="${delivery}">`);
  const visitor = new Visitor(api);
  const shown = await visitor.open(delivery);
  expect(shown.text).toContain(`<a href="${run}">`);
  expect(shown.text).toContain('&lt;b&gt;bold&lt;/b&gt;');
  const replayed = await visitor.submit(`${delivery}/replay`);
  expect([replayed.status, replayed.headers['location']]).toEqual([
    303,
    expect.stringMatching(/^\/ui\/runs\/test\.files-/),
  ]);
  expect(replayed.headers['location']).not.toBe(run);
});

test('reading deliveries takes runs:read, repeating one jobs:write; those of another tenant are unknown', async () => {
  const root = rootWithTriggers();
  const roles = { reader: ['runs:read'], worker: ['runs:read', 'jobs:write'] };
  mkdirSync(join(root, 'policies'));
  writeFileSync(join(root, 'policies', 'permission_policies.json'), JSON.stringify({ roles, policies: [] }));
  const closed = await openApi(root, { settings: { ...SETTINGS, SKILLOS_JWT_SECRET: SECRET } });
  const as = async (claims: object) => ({ Authorization: `Bearer ${await signToken(claims)}` });
  const [none, reader, worker] = [
    await as({}),
    await as({ roles: ['reader'] }),
    await as({ roles: ['worker'] }),
  ];
  expect((await deliver(closed, { payload: 'x' })).status).toBe(503); // without Temporal; its log stays
  const { body } = await closed.get('/webhooks/deliveries', reader);
  const [{ id }] = body['items'] as [{ readonly id: string }];
  const path = `/webhooks/deliveries/${id}`;
  for (const hidden of ['/webhooks', '/webhooks/deliveries', path]) {
    expect([hidden, (await closed.get(hidden, none)).status]).toEqual([hidden, 403]);
    expect([hidden, (await closed.get(hidden)).status]).toEqual([hidden, 401]);
    expect([hidden, (await closed.get(hidden, reader)).status]).toEqual([hidden, 200]);
  }
  expect((await closed.post(`${path}/replay`, {}, reader)).status).toBe(403);
  expect((await closed.post(`${path}/replay`, {}, worker)).status).toBe(503);
  const other = await as({ roles: ['worker'], tenant: 'acme' });
  expect((await closed.get(path, other)).status).toBe(404);
  expect((await closed.post(`${path}/replay`, {}, other)).status).toBe(404);
  expect(closed.faults).toEqual([]);
  await closed.close();
});
