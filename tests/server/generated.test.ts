/** Thousands of requests made from the API's own document, on a real Temporal server. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Endpoint } from '../../server/http/endpoint.ts';
import { ENDPOINTS } from '../../server/routes/index.ts';
import { problem } from '../../server/schemas/parts.ts';
import { openApi } from '../support/api.ts';
import type { ApiReply, TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { generatedRequests } from '../support/generated-requests.ts';
import type { GeneratedRequest } from '../support/generated-requests.ts';

const CALLS = 2500;
const AT_ONCE = 16;
const SEED = 20_261_122;

let deployment: Deployment;
let api: TestApi;

beforeAll(async () => {
  const root = rootWith({
    'test/echo': {
      code: 'export const run = (payload: unknown) => payload;',
      manifest: 'examples: [repeat my words]\nside_effects: none\n',
    },
  });
  deployment = await openDeployment(root);
  await deployment.startWorker();
  api = await openApi(root, { connect: async () => deployment.temporal });
});

afterAll(async () => {
  await api.close();
  await deployment.close();
});

const BY_NAME = new Map(
  ENDPOINTS.map((endpoint) => [
    `${endpoint.method} ${endpoint.path.replaceAll(/:(\w+)/g, '{$1}')}`,
    endpoint,
  ]),
);

/** What is wrong with an answer, in words. */
function complaint(
  { operation }: GeneratedRequest,
  { status, headers, body, text }: ApiReply,
): string | undefined {
  const { replies } = BY_NAME.get(operation) as Endpoint;
  if (status >= 500) return `answers ${status}: ${text.slice(0, 300)}`;
  const type = headers['content-type'] ?? '';
  const schema: z.ZodType | undefined = type.startsWith('application/problem+json')
    ? problem
    : type.startsWith('application/json')
      ? replies[status]?.schema
      : undefined;
  const isDescribed = schema !== undefined || replies[status]?.type !== undefined || status === 204;
  if (!isDescribed && operation !== 'GET /openapi.json')
    return `answers ${status} ${type}, which nothing describes`;
  const parsed = schema?.safeParse(body);
  return parsed?.success === false
    ? `answers ${status} unlike its schema: ${parsed.error.message}`
    : undefined;
}

test(`no answer to ${CALLS} generated requests is a fault, and each is as it is described`, async () => {
  const { body } = await api.get('/openapi.json');
  const started = await api.post('/skills/test.echo/run', { payload: 'x' });
  const skills = ['test/echo', 'test.echo', 'test/none'];
  const known = {
    skill: skills,
    replacement_id: skills,
    steps: skills,
    run: [started.body['run_id'] as string],
    after: [started.body['run_id'] as string],
    since: ['24h', '2026-01-01'],
  };
  const requests = generatedRequests(body, { count: CALLS, seed: SEED, known });
  const before = filesBelow(deployment.root);
  const complaints: string[] = [];
  const statuses = new Map<number, number>();
  const waiting = [...requests];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { method, path, headers, raw } = next;
      const reply = await api.send(method, path, { headers, ...(raw === undefined ? {} : { raw }) });
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
      const wrong = complaint(next, reply);
      if (wrong !== undefined) complaints.push(`${JSON.stringify(next).slice(0, 500)} ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(complaints).toEqual([]);
  expect(api.faults).toEqual([]);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 422]));
  expect(filesBelow(deployment.root)).toEqual(before);
}, 240_000);

/** What people wrote; what SkillOS keeps for itself lies elsewhere. */
function filesBelow(root: string): readonly string[] {
  return ['metadata', 'implementations'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map(String).sort(),
  );
}
