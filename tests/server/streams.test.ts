/** Event streams over HTTP: how many a principal may have, and how long they last. */
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { startRun } from '../../client/submit/start-run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { openApi } from '../support/api.ts';
import type { TestApi } from '../support/api.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { SECRET, signToken } from '../support/tokens.ts';

const WIPE = {
  code: 'export const run = (payload: unknown) => payload;',
  manifest: 'side_effects: destructive\n',
};

let deployment: Deployment;
let api: TestApi;
/** Waits for an approval, so its stream stays open. */
let runId: string;

beforeAll(async () => {
  const settings = {
    SKILLOS_JWT_SECRET: SECRET,
    SKILLOS_JWT_CLOCK_SKEW_SECONDS: '0',
    SKILLOS_API_MAX_STREAMS: '2',
  };
  deployment = await openDeployment(rootWith({ 'test/wipe': WIPE }), settings);
  await deployment.startWorker();
  api = await openApi(deployment.root, { connect: async () => deployment.temporal, settings });
  ({ runId } = await startRun(deployment.ports, deployment.temporal, {
    plan: { kind: 'step', step: { skill: parseSkillId('test/wipe') } },
    payload: 'all',
    principal: { subject: 'asker', roles: [], via: 'local' },
    tenant: 'default',
  }));
  await eventually(async () => {
    const { body } = await api.get(`/runs/${runId}`, { authorization: `Bearer ${await signToken()}` });
    expect(body['status']).toBe('awaiting_approval');
  });
});

afterAll(async () => {
  expect(api.faults).toEqual([]);
  await api.close();
  await deployment.close();
});

async function open(path: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  const request = get(`${api.url}${path}`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response;
}

type HeadersOf = (token: string) => Readonly<Record<string, string>>;

describe.each<[string, () => string, HeadersOf]>([
  ['the API', () => `/runs/${runId}/events`, (token: string) => ({ authorization: `Bearer ${token}` })],
  [
    'the pages',
    () => `/ui/runs/${runId}/events`,
    (token: string) => ({ cookie: `skillos_session=${token}` }),
  ],
])('event streams of %s', (_of, path, headersOf) => {
  test('are limited for each principal, and count until they are closed', async () => {
    const ann = headersOf(await signToken());
    const [first, second] = await Promise.all([open(path(), ann), open(path(), ann)]);
    const third = await api.get(path(), ann);
    expect([first.statusCode, second.statusCode, third.status]).toEqual([200, 200, 429]);
    expect(third.text).toContain('too_many_streams');
    const bob = await open(path(), headersOf(await signToken({ sub: 'bob' })));
    expect(bob.statusCode).toBe(200);
    first.destroy();
    await eventually(async () => {
      const again = await open(path(), ann);
      expect(again.statusCode).toBe(200);
      again.destroy();
    });
    second.destroy();
    bob.destroy();
  });

  test('end when their token expires', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const headers = headersOf(await signToken({ sub: 'cid', exp }));
    const stream = await open(path(), headers);
    expect(stream.statusCode).toBe(200);
    await once(stream, 'end');
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect(Date.now()).toBeLessThan((exp + 5) * 1000);
    expect([401, 303]).toContain((await api.get(path(), headers)).status);
  });
});
