/** Deciding, stepping, repeating, keys, pipelines and dry runs over HTTP, on a real Temporal server. */
import { SkillosApiError, SkillosClient } from '../../server/sdk.ts';
import type { RunEvent } from '../../server/sdk.ts';
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { until } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';

const UPPER = { code: 'export const run = (payload: unknown) => String(payload).toUpperCase();' };

let deployment: Deployment;
let api: TestApi;
let client: SkillosClient;

beforeAll(async () => {
  const root = rootWith({
    'test/upper': { ...UPPER, manifest: 'examples: [make the words loud]\nside_effects: none\n' },
    'test/quote': {
      code: 'export const run = (payload: unknown) => `"${String(payload)}"`;',
      manifest: 'examples: [put it in quotation marks]\nside_effects: none\n',
    },
    'test/purge': {
      code: "export const run = () => 'gone';",
      manifest: 'side_effects: destructive\n',
    },
  });
  deployment = await openDeployment(root);
  await deployment.startWorker();
  api = await openApi(root, { connect: async () => deployment.temporal, settings: deployment.env });
  client = new SkillosClient({ baseUrl: api.url });
});

afterAll(async () => {
  expect(api.faults).toEqual([]);
  await api.close();
  await deployment.close();
});

async function parked(): Promise<string> {
  const reply = await api.post('/skills/test/purge/run', {});
  expect([reply.status, reply.body['status']]).toEqual([202, 'awaiting_approval']);
  expect(reply.headers.location).toBe(`/runs/${reply.body['run_id'] as string}`);
  return reply.body['run_id'] as string;
}

async function ended(runId: string): Promise<Readonly<Record<string, unknown>>> {
  const over = new Set(['success', 'error', 'blocked', 'cancelled']);
  await until(async () => over.has((await api.get(`/runs/${runId}`)).body['status'] as string));
  return (await api.get(`/runs/${runId}`)).body;
}

describe('a run that waits for people', () => {
  test('is listed and shown as at the command line', async () => {
    const runId = await parked();
    for (const [argv, path] of [
      [['approvals', 'list'], '/approvals'],
      [['approvals', 'show', runId], `/approvals/${runId}`],
    ] as const) {
      const { stdout } = await runCli([...argv, '--json'], { env: deployment.env });
      expect((await api.get(path)).body).toEqual(JSON.parse(stdout));
    }
    await api.post(`/runs/${runId}/deny`);
  });

  test('goes on when somebody approves, once', async () => {
    const runId = await parked();
    const reply = await api.post(`/runs/${runId}/approve`, { comment: 'as agreed' });
    expect([reply.status, reply.body]).toEqual([
      200,
      {
        schema: 'skillos.decision/v1',
        run_id: runId,
        decision: 'approved',
        outcome: 'approved',
        approvals: 1,
        needed: 1,
      },
    ]);
    expect(await ended(runId)).toMatchObject({ status: 'success', result: 'gone' });
    const { entries } = await deployment.ports.journal.read('audit/default');
    const { 'x-request-id': requestId } = reply.headers;
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'approval_approved', way: 'api', run: runId, request_id: requestId }),
    );
    const late = await api.post(`/runs/${runId}/deny`);
    expect([late.status, late.body['code']]).toEqual([409, 'approval_decided']);
  });

  test('ends blocked when somebody denies', async () => {
    const runId = await parked();
    expect((await api.post(`/runs/${runId}/deny`, {})).body).toMatchObject({ outcome: 'denied' });
    expect(await ended(runId)).toMatchObject({ status: 'blocked', reason: 'approval_denied' });
  });

  test('is not decided by who saw another plan, and never by GET', async () => {
    const runId = await parked();
    const other = await api.post(`/runs/${runId}/approve`, { plan_digest: 'f'.repeat(64) });
    expect([other.status, other.body['code']]).toEqual([409, 'plan_changed']);
    expect(other.body['hint']).toContain(`skillos approvals show ${runId}`);
    expect((await api.get(`/runs/${runId}/approve`)).status).toBe(405);
    expect((await api.get(`/runs/${runId}`)).body['status']).toBe('awaiting_approval');
    await api.post(`/runs/${runId}/deny`);
  });

  test('is decided in the same call where that says so', async () => {
    const approved = await api.post('/skills/test/purge/run', { approval: 'approved' });
    expect([approved.status, approved.body['result']]).toEqual([200, 'gone']);
    const denied = await api.post('/skills/test/purge/run', { approval: 'denied' });
    expect([denied.status, denied.body['reason']]).toEqual([403, 'approval_denied']);
  });
});

describe('a run that is stepped through', () => {
  test('pauses before each step and takes orders', async () => {
    const started = await api.post('/pipelines/run', {
      steps: ['test/upper', 'test/quote'],
      payload: 'a',
      step_through: true,
    });
    expect([started.status, started.body['status']]).toEqual([202, 'paused']);
    const runId = started.body['run_id'] as string;
    const edit = await api.post(`/runs/${runId}/step`, { command: 'edit', input: 'b' });
    expect([edit.status, edit.body]).toEqual([
      200,
      { schema: 'skillos.step/v1', run_id: runId, command: 'edit' },
    ]);
    await api.post(`/runs/${runId}/step`, { command: 'continue' });
    expect(await ended(runId)).toMatchObject({ status: 'success', result: '"B"' });
    const late = await api.post(`/runs/${runId}/step`, { command: 'next' });
    expect([late.status, late.body['code']]).toEqual([409, 'run_finished']);
  });

  test.each([
    [{ command: 'edit' }],
    [{ command: 'next', input: 1 }],
    [{ command: 'break' }],
    [{ command: 'jump' }],
  ])('takes no order such as %j', async (order) => {
    const reply = await api.post('/runs/test.upper-01ARZ3NDEKTSV4RRFFQ69G5FAV/step', order);
    expect(reply.status).toBe(422);
  });
});

describe('POST /runs/{id}/rerun', () => {
  test('repeats a run from a step on', async () => {
    const first = await api.post('/pipelines/run', { steps: ['test/upper', 'test/quote'], payload: 'a' });
    const runId = first.body['run_id'] as string;
    const again = await api.post(`/runs/${runId}/rerun`, { from: 2, set: { 'test/upper': 'x' } });
    expect([again.status, again.body]).toEqual([
      200,
      expect.objectContaining({
        status: 'success',
        result: '"x"',
        origin: { run_id: runId, from: 2 },
        taken_over: [{ step: 1, skill: 'test/upper', from: 'set', undone: false }],
      }),
    ]);
    const { entries } = await deployment.ports.journal.read('audit/default');
    expect(entries).toContainEqual(expect.objectContaining({ action: 'run_rerun', way: 'api', run: runId }));
  });
});

describe('Idempotency-Key', () => {
  test('answers the same request with its first run, and refuses another', async () => {
    const key = { 'Idempotency-Key': 'order-1' };
    const first = await api.post('/skills/test/upper/run', { payload: 'a' }, key);
    const again = await api.post('/skills/test/upper/run', { payload: 'a' }, key);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect(again.body).toEqual({ ...first.body, replayed: true });
    const other = await api.post('/skills/test/upper/run', { payload: 'b' }, key);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_key_reused']);
  });

  test('starts one run for a hundred requests at once', async () => {
    const ask = () => client.runSkill('test/upper', { payload: 'once' }, { idempotencyKey: 'order-2' });
    const runs = await Promise.all(Array.from({ length: 100 }, ask));
    expect(new Set(runs.map(({ run_id: id }) => id)).size).toBe(1);
    expect(runs.filter(({ replayed }) => replayed !== true)).toHaveLength(1);
  });
});

describe('what the command line does too', () => {
  test.each<[string, readonly string[], string, object]>([
    ['a dry run', ['run-skill', 'test/purge', '--dry-run'], '/skills/test/purge/run', { dry_run: true }],
    [
      'a split query',
      ['run', 'make the words loud then put it in quotation marks', '--mode', 'auto'],
      '/run',
      { query: 'make the words loud then put it in quotation marks', mode: 'auto' },
    ],
    ['the budget', ['budget'], 'GET /budget', {}],
    ['the circuits', ['circuit', 'list'], 'GET /circuits', {}],
  ])('%s', async (_name, argv, path, body) => {
    const { stdout } = await runCli([...argv, '--json'], { env: deployment.env });
    const reply = path.startsWith('GET ') ? await api.get(path.slice(4)) : await api.post(path, body);
    expect([reply.status, reply.body]).toEqual([200, JSON.parse(stdout)]);
  });

  test('a run is bound to the plan that was shown', async () => {
    const { body } = await api.post('/skills/test/upper/run', { payload: 'a', dry_run: true });
    const digest = body['plan_digest'] as string;
    const same = await api.post('/skills/test/upper/run', { payload: 'a', expected_digest: digest });
    expect([same.status, same.body['plan_digest']]).toEqual([200, digest]);
    const other = await api.post('/skills/test/upper/run', { payload: 'b', expected_digest: digest });
    expect([other.status, other.body['code']]).toEqual([409, 'plan_changed']);
  });
});

describe('SkillosClient', () => {
  test('runs, follows, shows and lists', async () => {
    const started = await client.runSkill('test/upper', { payload: 'a', wait_seconds: 0 });
    const events: RunEvent[] = [];
    for await (const event of client.followRun(started.run_id ?? '')) events.push(event);
    expect(events.at(-1)).toMatchObject({ kind: 'run_ended', status: 'success' });
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => String(index + 1)));
    expect(await client.getRun(started.run_id ?? '')).toMatchObject({ status: 'success', result: 'A' });
    const { items } = await client.listRuns({ skill: 'test/upper', status: ['success'], limit: 1 });
    expect(items.map(({ run_id: id }) => id)).toHaveLength(1);
    expect((await client.listSkills()).items.map(({ id }) => id)).toContain('test/upper');
    expect(await client.getSkill('test/upper')).toMatchObject({ id: 'test/upper', deprecated: false });
    expect(await client.run({ query: 'make the words loud' })).toMatchObject({ skill: 'test/upper' });
    expect(await client.health()).toMatchObject({ status: 'healthy' });
    expect(await client.validate()).toMatchObject({ valid: true });
  });

  test('decides and cancels', async () => {
    const approved = await parked();
    expect(await client.approveRun(approved)).toMatchObject({ outcome: 'approved' });
    const denied = await parked();
    expect((await client.listApprovals()).items.map(({ run_id: id }) => id)).toContain(denied);
    expect(await client.denyRun(denied, { comment: 'no' })).toMatchObject({ outcome: 'denied' });
    const left = await parked();
    expect(await client.cancelRun(left)).toMatchObject({ status: 'cancel_requested' });
    expect(await ended(left)).toMatchObject({ status: 'cancelled' });
  });

  test('takes a skill out of use and back', async () => {
    expect(await client.deprecateSkill('test/quote', { reason: 'old' })).toMatchObject({ deprecated: true });
    expect((await client.run({ query: 'put it in quotation marks' })).skill).not.toBe('test/quote');
    expect(await client.undeprecateSkill('test/quote')).toMatchObject({ deprecated: false });
    expect((await client.run({ query: 'put it in quotation marks' })).skill).toBe('test/quote');
  });

  test('throws what the server refuses, with its code', async () => {
    const refused = client.getRun('test.upper-01ARZ3NDEKTSV4RRFFQ69G5FAV');
    await expect(refused).rejects.toThrow(SkillosApiError);
    await expect(refused).rejects.toMatchObject({ status: 404, code: 'unknown_run' });
  });
});
