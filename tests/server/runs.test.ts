/** Runs over HTTP, on a real Temporal server, beside what the CLI prints of the same. */
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { openApi } from '../support/api.ts';
import type { ApiReply, TestApi } from '../support/api.ts';
import { until } from '../support/eventually.ts';
import { runCli } from '../support/run-cli.ts';
import { writeFiles } from '../support/write-files.ts';

const UNTIL_TOLD = `
export const run = (_: string, ctx: { signal: AbortSignal }) =>
  new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('stopped'))));`;

let deployment: Deployment;
let api: TestApi;

beforeAll(async () => {
  const root = rootWith({
    'test/echo': {
      code: 'export const run = (payload: string) => `echo ${payload}`;',
      manifest: 'examples: [repeat my words]\n',
    },
    'test/same': { code: 'export const run = (payload: unknown) => payload;' },
    'test/fail': { code: "export function run(): never { throw new Error('no luck'); }" },
    'test/talks': { code: "export const run = () => console.log('hello');" },
    'test/slow': { code: UNTIL_TOLD },
    'test/city': {
      code: 'export const run = (payload: unknown) => payload;',
      manifest: 'inputs: { type: object, required: [city], properties: { city: { type: string } } }\n',
    },
    'test/big': { code: "export const run = () => 'é'.repeat(500_000);" },
  });
  writeFiles(root, {
    'connectors/db.yaml': 'id: db\ntype: sql\ndriver: postgres\ndsn: secret:DSN_OF_NOBODY\n',
  });
  deployment = await openDeployment(root);
  await deployment.startWorker();
  api = await openApi(root, { connect: async () => deployment.temporal });
});

afterAll(async () => {
  expect(api.faults).toEqual([]);
  await api.close();
  await deployment.close();
});

/** What differs from run to run is shown by its name. */
function plain(document: unknown): unknown {
  const text = JSON.stringify(document)
    .replaceAll(/[a-z.]+-[0-7][0-9A-Z]{25}/g, '<run>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
  return JSON.parse(text);
}

describe('the same ask over HTTP and at the command line', () => {
  test.each<[string, readonly string[], string, unknown, number, number]>([
    ['a routing', ['run', 'repeat my words'], '/run', { query: 'repeat my words' }, 0, 200],
    ['no skill', ['run', 'qwertz'], '/run', { query: 'qwertz' }, 8, 200],
    [
      'a chosen skill',
      ['run', 'anything', '--skill', 'test/echo', '--execute'],
      '/run',
      { query: 'anything', skill: 'test.echo', execute: true },
      0,
      200,
    ],
    [
      'a routed run',
      ['run', 'repeat my words', '--execute', '--payload', 'hi'],
      '/run',
      { query: 'repeat my words', execute: true, payload: 'hi' },
      0,
      200,
    ],
    ['the usual payload', ['run-skill', 'test/echo'], '/skills/test.echo/run', undefined, 0, 200],
    [
      'text that holds JSON',
      ['run-skill', 'test/city', '--payload', '{"city":"Sochi"}'],
      '/skills/test%2Fcity/run',
      { payload: '{"city":"Sochi"}' },
      0,
      200,
    ],
    ['a failure', ['run-skill', 'test/fail'], '/skills/test/fail/run', {}, 1, 200],
    ['a large output', ['run-skill', 'test/big'], '/skills/test/big/run', {}, 0, 200],
    ['an unknown skill', ['run-skill', 'test/echu'], '/skills/test/echu/run', {}, 2, 404],
    ['no skill id', ['run-skill', 'Echo'], '/skills/Echo/run', {}, 2, 400],
    [
      'a wrong payload',
      ['run-skill', 'test/city', '--payload', '{}'],
      '/skills/test.city/run',
      { payload: {} },
      2,
      422,
    ],
  ])('%s', async (_name, argv, path, body, exit, status) => {
    const [cli, http] = await Promise.all([
      runCli([...argv, '--json'], { env: deployment.env }),
      api.post(path, body),
    ]);
    expect([cli.code, http.status]).toEqual([exit, status]);
    const printed = JSON.parse(cli.stdout) as Record<string, unknown>;
    if (status < 400 && exit !== 1) {
      expect(plain(http.body)).toEqual(plain(printed));
    } else if (status >= 400) {
      expect(http.body).toMatchObject({ code: printed['code'], detail: printed['message'] });
    } else {
      const { status: ended, reason, error } = http.body;
      expect({ ended, reason, error }).toMatchObject({ ended: 'error', reason: 'skill_failed' });
    }
  });

  test.each([
    ['the skills', ['skills', 'list'], '/skills'],
    ['some skills', ['skills', 'list', '--tag', 'none', '--all'], '/skills?tag=none&all=true'],
    ['a skill', ['skills', 'show', 'test/city'], '/skills/test/city'],
    ['failed runs', ['runs', 'list', '--status', 'error'], '/runs?status=error'],
  ])('%s', async (_name, argv, path) => {
    const [cli, http] = await Promise.all([
      runCli([...argv, '--json'], { env: deployment.env }),
      api.get(path),
    ]);
    expect(http.body).toEqual(JSON.parse(cli.stdout));
  });

  test('the findings about a root', async () => {
    const cli = await runCli(['validate', '--json'], { env: deployment.env });
    expect(cli.stdout).toContain('DSN_OF_NOBODY');
    expect((await api.post('/validate', {})).body).toEqual(JSON.parse(cli.stdout));
  });
});

describe('what explains a run', () => {
  test('is the same over HTTP and at the command line', async () => {
    const run = async (skill: string) =>
      (await api.post(`/skills/${skill}/run`, {})).body['run_id'] as string;
    const [failed, other] = [await run('test/fail'), await run('test/talks')];
    const asks: readonly (readonly [readonly string[], string])[] = [
      [['runs', 'logs', other], `/runs/${other}/logs`],
      [['runs', 'trace', other], `/runs/${other}/trace`],
      [['why', failed], `/runs/${failed}/why`],
      [['runs', 'diff', failed, other], `/runs/${failed}/diff/${other}`],
      [['audit', 'list', '--run', other, '--limit', '5'], `/audit?run=${other}&limit=5`],
      [
        ['audit', 'list', '--action', 'run_parked'],
        '/audit?action=run_parked&since=1h&skill=test/echo&subject=x',
      ],
    ];
    for (const [argv, path] of asks) {
      const cli = await runCli([...argv, '--json'], { env: deployment.env });
      const reply = await api.get(path);
      expect([reply.status, reply.body]).toEqual([200, JSON.parse(cli.stdout)]);
    }
    const { body } = await api.get(`/runs/${other}/logs`);
    expect(body['items']).toMatchObject([{ step: 1, attempt: 1, message: 'hello' }]);
    expect(body).not.toHaveProperty('next');
  });

  test.each(['logs', 'trace', 'why', 'diff/travel.x-01ARZ3NDEKTSV4RRFFQ69G5FAV'])(
    'of an unknown run: %s',
    async (what) => {
      const { status, body } = await api.get(`/runs/travel.x-01ARZ3NDEKTSV4RRFFQ69G5FAV/${what}`);
      expect([status, body['code']]).toEqual([404, 'unknown_run']);
    },
  );
});

async function startSlow(): Promise<{ readonly runId: string; readonly reply: ApiReply }> {
  const reply = await api.post('/skills/test/slow/run', { wait_seconds: 0 });
  return { runId: reply.body['run_id'] as string, reply };
}

describe('POST /run', () => {
  test('answers 202 where the run takes longer than the caller waits, and where to look', async () => {
    const { runId, reply } = await startSlow();
    expect(reply.status).toBe(202);
    expect(reply.headers.location).toBe(`/runs/${runId}`);
    expect(reply.body).toMatchObject({ schema: 'skillos.run/v1', steps: [] });
    expect((await api.post(`/runs/${runId}/cancel`)).status).toBe(202);
  });

  test('a client that leaves cancels nothing', async () => {
    const abort = new AbortController();
    const left = fetch(`${api.url}/skills/test/slow/run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"wait_seconds":60}',
      signal: abort.signal,
    });
    const running = () => api.get('/runs?status=running&skill=test/slow');
    await until(async () => ((await running()).body['items'] as unknown[]).length > 0);
    abort.abort();
    await expect(left).rejects.toThrow('aborted');
    const [item] = (await running()).body['items'] as { run_id: string }[];
    const runId = item?.run_id ?? '';
    expect((await api.get(`/runs/${runId}`)).body).toMatchObject({ status: 'running' });
    await api.post(`/runs/${runId}/cancel`);
    await until(async () => (await api.get(`/runs/${runId}`)).body['status'] === 'cancelled');
  });
});

describe('GET /runs', () => {
  test('goes on where the page before ended', async () => {
    for (const payload of ['a', 'b', 'c']) await api.post('/skills/test/same/run', { payload });
    const first = await api.get('/runs?skill=test/same&limit=2');
    const second = await api.get(`/runs?skill=test/same&limit=2&after=${first.body['next'] as string}`);
    const ids = [first, second].map(({ body }) => (body['items'] as { run_id: string }[]).length);
    expect(ids).toEqual([2, 1]);
    expect(second.body).not.toHaveProperty('next');
  });
});

describe('POST /runs/{id}/cancel', () => {
  test('of a run that has ended is a conflict', async () => {
    const { body } = await api.post('/skills/test/same/run', {});
    const reply = await api.post(`/runs/${body['run_id'] as string}/cancel`);
    expect([reply.status, reply.body['code']]).toEqual([409, 'run_finished']);
  });

  test('is on record with the id of the request', async () => {
    const { runId } = await startSlow();
    await until(async () => (await api.get(`/runs/${runId}`)).body['status'] === 'running');
    const reply = await api.post(`/runs/${runId}/cancel`, {}, { 'X-Request-Id': 'request-0001' });
    expect(reply.headers['x-request-id']).toBe('request-0001');
    const { entries } = await deployment.ports.journal.read('audit/default');
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'run_cancelled',
        way: 'api',
        request_id: 'request-0001',
        run: runId,
      }),
    );
  });
});

interface SentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function eventsIn(text: string): readonly SentEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('data: '))
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      return {
        id: field('id'),
        event: field('event') ?? '',
        data: JSON.parse(field('data') ?? '{}') as SentEvent['data'],
      };
    });
}

describe('GET /runs/{id}/events', () => {
  test('tells of a run to its end, and closes', async () => {
    const { body } = await api.post('/skills/test/echo/run', { wait_seconds: 0 });
    const reply = await api.get(`/runs/${body['run_id'] as string}/events`);
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const events = eventsIn(reply.text);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining([
        'run_started',
        'step_scheduled',
        'step_started',
        'step_succeeded',
        'run_ended',
      ]),
    );
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => String(index + 1)));
    expect(events.find(({ event }) => event === 'step_succeeded')?.data).toMatchObject({
      schema: 'skillos.event/v1',
      step: 1,
      skill: 'test/echo',
      attempt: 1,
      output: 'echo ok',
    });
    expect(events.at(-1)?.data).toMatchObject({ kind: 'run_ended', status: 'success' });
  });

  test('goes on after the event that the client has seen, and is over after the last', async () => {
    const { body } = await api.post('/skills/test/echo/run', {});
    const path = `/runs/${body['run_id'] as string}/events`;
    const all = eventsIn((await api.get(path)).text);
    const rest = eventsIn((await api.get(path, { 'Last-Event-ID': '2' })).text);
    expect(rest).toEqual(all.slice(2));
    const over = await api.get(path, { 'Last-Event-ID': String(all.length) });
    expect([over.status, over.text]).toEqual([204, '']);
  });

  test('followers of one run see the same, whenever they come', async () => {
    const { runId } = await startSlow();
    const early = api.get(`/runs/${runId}/events`);
    await until(async () => (await api.get(`/runs/${runId}`)).body['status'] === 'running');
    const late = api.get(`/runs/${runId}/events`);
    await api.post(`/runs/${runId}/cancel`);
    const [first, second] = await Promise.all([early, late]);
    expect(eventsIn(second.text)).toEqual(eventsIn(first.text));
    expect(eventsIn(first.text).at(-1)?.data).toMatchObject({ status: 'cancelled' });
  });

  test('to HEAD are not followed', async () => {
    const { runId } = await startSlow();
    const reply = await api.send('HEAD', `/runs/${runId}/events`);
    expect([reply.status, reply.text]).toEqual([200, '']);
    await until(async () => (await api.get('/metrics')).text.includes('\nskillos_event_streams 0\n'));
    await api.post(`/runs/${runId}/cancel`);
  });

  test.each([['x'], ['-1'], ['99999999999']])('refuses the last event %j', async (id) => {
    const { body } = await api.post('/skills/test/echo/run', {});
    const reply = await api.get(`/runs/${body['run_id'] as string}/events`, { 'Last-Event-ID': id });
    expect(reply.status).toBe(400);
  });
});
