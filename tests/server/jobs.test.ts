/** Jobs over HTTP, on a real Temporal server. */
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos } from '../support/skillos-process.ts';

let deployment: Deployment;
let api: TestApi;

beforeAll(async () => {
  const root = rootWith({
    'test/echo': { code: 'export const run = (payload: unknown) => payload;' },
    'test/typed': {
      code: 'export const run = (payload: unknown) => payload;',
      manifest: 'inputs: { type: object, properties: { amount: { type: number } } }\n',
    },
    'test/fail': { code: "export function run(): never { throw new Error('no luck'); }" },
  });
  deployment = await openDeployment(root);
  api = await openApi(root, { connect: async () => deployment.temporal });
});

afterAll(async () => {
  expect(api.faults).toEqual([]);
  await api.close();
  await deployment.close();
});

const work = () => skillos(['job', 'work'], { env: deployment.env, timeoutMs: 60_000 });

async function enqueue(body: object, headers = {}): Promise<string> {
  const reply = await api.post('/jobs', body, headers);
  expect([reply.status, reply.body]).toMatchObject([202, { status: 'queued' }]);
  const id = reply.body['job_id'] as string;
  expect(reply.headers['location']).toBe(`/jobs/${id}`);
  return id;
}

test('a job is enqueued once for its key, listed, run and shown', async () => {
  const key = { 'Idempotency-Key': 'order-1' };
  const id = await enqueue({ skill: 'test.echo', payload: 'hi', priority: 2 }, key);
  await expect(enqueue({ skill: 'test.echo', payload: 'hi', priority: 2 }, key)).resolves.toBe(id);
  const { body: listed } = await api.get('/jobs?status=queued');
  expect(listed['items']).toMatchObject([{ job_id: id, phase: 'due', priority: 2 }]);
  const { text: before } = await api.get('/metrics');
  expect(before).toMatch(/^skillos_jobs_queued 1$/m);
  await work();
  const { body } = await api.get(`/jobs/${id}`);
  expect(body).toMatchObject({ schema: 'skillos.job/v1', job_id: id, status: 'success', result: 'hi' });
});

test('a failed pipeline is a dead letter until it is requeued', async () => {
  const id = await enqueue({ steps: ['test/echo', 'test/fail'], max_retries: 0 });
  await work();
  const { body: dead } = await api.get('/jobs/dead');
  expect(dead['items']).toMatchObject([{ job_id: id, status: 'error', reason: 'skill_failed' }]);
  const requeued = await api.post(`/jobs/${id}/requeue`, {});
  expect([requeued.status, requeued.body]).toMatchObject([202, { requeue_of: id }]);
  const newId = requeued.body['job_id'] as string;
  const { body: first } = await api.get(`/jobs/${id}`);
  expect(first['requeued_as']).toBe(newId);
  const again = await api.post(`/jobs/${id}/requeue`, {});
  expect([again.status, again.body['code']]).toEqual([409, 'job_not_requeueable']);
  await expect(api.get('/jobs/dead')).resolves.toMatchObject({ body: { items: [] } });
  const cancelled = await api.post(`/jobs/${newId}/cancel`, {});
  expect([cancelled.status, cancelled.body]).toMatchObject([202, { job_id: newId, status: 'cancelled' }]);
  const { body: second } = await api.get(`/jobs/${newId}`);
  expect(second).toMatchObject({ status: 'cancelled', reason: 'run_cancelled', requeue_of: id });
});

test.each<[object, number, string, string]>([
  [{}, 422, 'request_invalid', 'Expected one of skill and steps'],
  [{ skill: 'test/echo', steps: ['test/echo'] }, 422, 'request_invalid', 'Expected one of skill and steps'],
  [{ skill: 'test/echo', priority: 9 }, 422, 'request_invalid', 'priority'],
  [{ skill: 'test/echo', max_retries: -1 }, 422, 'request_invalid', 'max_retries'],
  [{ skill: 'test/echo', delay: 'soon' }, 400, 'usage', 'Invalid delay "soon"'],
  [{ skill: 'test/echo', run_at: '2026-02-30T08:00:00Z' }, 400, 'usage', 'Invalid run_at "2026-02-30'],
  [{ skill: 'test/echo', expires: '0s' }, 400, 'usage', 'Invalid expires "0s"'],
  [{ skill: 'test/typed', payload: { amount: 'x' } }, 422, 'input_invalid', '/amount'],
  [{ skill: 'test/none' }, 404, 'unknown_skill', 'test/none'],
])('refuses %j and writes nothing', async (body, status, code, detail) => {
  const { body: before } = await api.get('/jobs?limit=1000');
  const reply = await api.post('/jobs', body);
  expect([reply.status, reply.body]).toMatchObject([
    status,
    {
      code,
      detail: expect.stringContaining(detail) as string,
      hint: expect.not.stringContaining('<') as string,
    },
  ]);
  await expect(api.get('/jobs?limit=1000')).resolves.toMatchObject({ body: before });
});

test.each(['/jobs/test.echo-01KAP3M2Q4V8Z0W6T5R7Y9X1BC', '/jobs/nothing'])(
  'GET %s is unknown',
  async (path) => {
    await expect(api.get(path)).resolves.toMatchObject({ status: 404, body: { code: 'unknown_job' } });
  },
);
