/** Sessions through the built command line and API. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serveBuilt } from '../support/built-server.ts';
import type { BuiltServer } from '../support/built-server.ts';
import { openDeployment, rootWith, spawnWorker } from '../support/deployment.ts';
import type { Deployment, WorkerProcess } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { runCli } from '../support/run-cli.ts';
import { skillos } from '../support/skillos-process.ts';
import { SECRET, signToken } from '../support/tokens.ts';

/** Answers with what it sees of the session. */
const RECALL = 'export const run = (_text: string, ctx: any) => ctx.session ?? null;';
/** Notes what it sees, and in the first attempt waits for the death of its worker. */
const HELD = `
import { existsSync, writeFileSync } from 'node:fs';
export const run = async (folder: string, ctx: any) => {
  const isFirst = !existsSync(folder + '/seen-1');
  writeFileSync(folder + (isFirst ? '/seen-1' : '/seen-2'), JSON.stringify(ctx.session));
  if (isFirst) await new Promise((resolve) => setTimeout(resolve, 600_000));
  return 'done';
};`;

let deployment: Deployment;
let api: BuiltServer;
let ann: string;
let bob: string;

beforeAll(async () => {
  deployment = await openDeployment(
    rootWith({
      'talk/recall': { code: RECALL, manifest: 'side_effects: none\n' },
      'talk/held': { code: HELD, manifest: 'side_effects: none\ntimeout: 600s\n' },
      'talk/boxed': { code: RECALL, manifest: 'side_effects: none\nsandbox: true\n' },
    }),
    { SKILLOS_JWT_SECRET: SECRET, SKILLOS_SERVER_KEY: 'k'.repeat(32) },
  );
  [ann, bob] = await Promise.all([signToken({ sub: 'ann' }), signToken({ sub: 'bob' })]);
  api = await serveBuilt(deployment.env);
}, PROCESSES_TIMEOUT_MS);

const workers: WorkerProcess[] = [];

async function startWorker(): Promise<WorkerProcess> {
  const worker = await spawnWorker(deployment);
  workers.push(worker);
  return worker;
}

afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.end('SIGKILL'))));

afterAll(async () => {
  await api.close();
  await deployment.close();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const cli = (argv: readonly string[], jwt = ann) =>
  runCli([...argv, '--jwt', jwt, '--json'], { env: deployment.env });
const recall = (text: string, id: string, jwt = ann) =>
  cli(['run-skill', 'talk/recall', '--payload', text, '--session', id], jwt);
const resultIn = (stdout: string) => (JSON.parse(stdout) as { readonly result: object }).result;

test(
  'the second turn sees the first, by every way in, and nobody else joins',
  async () => {
    await startWorker();
    const made = await api.post('/sessions', { context: { city: 'Sochi' } }, bearer(ann));
    expect(made).toMatchObject({
      status: 201,
      body: { session_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    const { session_id: id } = made.body as { readonly session_id: string };
    const first = await api.post(
      '/run',
      { query: 'three days', skill: 'talk/recall', execute: true, session_id: id },
      bearer(ann),
    );
    expect(first.body).toMatchObject({
      status: 'success',
      session_id: id,
      result: { id, context: { city: 'Sochi' }, messages: [] },
    });
    const argv = [
      'run-skill',
      'talk/boxed',
      '--payload',
      'and a hotel',
      '--session',
      id,
      '--jwt',
      ann,
      '--json',
    ];
    const second = await skillos(argv, { env: deployment.env });
    const answer = JSON.stringify((first.body as { readonly result: object }).result);
    expect(resultIn(second.stdout)).toMatchObject({
      id,
      context: { city: 'Sochi' },
      messages: [
        { role: 'user', content: 'three days' },
        { role: 'assistant', content: answer },
      ],
    });
    const steps = ['pipeline', 'run', '--step', 'talk/recall', '--step', 'talk/recall', '--session', id];
    const third = await cli([...steps, '--payload', 'bye']);
    expect(resultIn(third.stdout)).toMatchObject({ messages: { length: 4 } });
    const rerun = await cli(['runs', 'rerun', (JSON.parse(second.stdout) as { run_id: string }).run_id]);
    expect(resultIn(rerun.stdout)).toEqual(resultIn(second.stdout)); // sees what the run saw

    const history = await api.get(`/sessions/${id}/history`, bearer(ann));
    expect(history).toMatchObject({ status: 200, body: { session_id: id, messages: { length: 6 } } });
    expect(JSON.parse((await cli(['sessions', 'show', id])).stdout)).toEqual(history.body);
    expect((await recall('mine?', id, bob)).code).toBe(3);
    const refused = await api.post(
      '/skills/talk.recall/run',
      { payload: 'mine?', session_id: id },
      bearer(bob),
    );
    expect(refused).toMatchObject({ status: 403, body: { code: 'session_forbidden' } });
    const anonymous = await api.post('/skills/talk.recall/run', { payload: 'mine?', session_id: id });
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    const local = await runCli(['run-skill', 'talk/recall', '--session', id], { env: deployment.env });
    expect(local).toMatchObject({ code: 3, stderr: expect.stringContaining('session_forbidden') });
    expect(await api.post('/run', { query: 'x', session_id: 'A/b' }, bearer(ann))).toMatchObject({
      status: 422,
    });
    expect(await recall('x', 'A/b')).toMatchObject({ code: 2 });
    expect((await api.get(`/sessions/${id}/history`, bearer(ann))).body).toEqual(history.body);
    expect(await api.get('/sessions/none/history', bearer(ann))).toMatchObject({
      status: 404,
      body: { code: 'session_not_found' },
    });

    expect((await cli(['sessions', 'list'])).stdout).toContain(id);
    expect(await cli(['sessions', 'remove', id])).toMatchObject({ code: 0 });
    expect(await cli(['sessions', 'show', id])).toMatchObject({ code: 2 });
  },
  PROCESSES_TIMEOUT_MS,
);

test(
  'each attempt sees the same, whatever comes into the session after the request',
  async () => {
    const folder = deployment.root;
    const held = ['run-skill', 'talk/held', '--payload', folder, '--session', 'held', '--detach'];
    const worker = await startWorker();
    await recall('before', 'held');
    const { stdout } = await cli(held);
    const runId = (JSON.parse(stdout) as { readonly run_id: string }).run_id;
    await eventually(() => expect(readdirSync(folder)).toContain('seen-1'));
    await worker.end('SIGKILL');
    await startWorker();
    await recall('between', 'held');
    await deployment.temporal.client.workflow.getHandle(runId).result();
    const seen = (number: number) => readFileSync(join(folder, `seen-${number}`), 'utf8');
    expect(JSON.parse(seen(1))).toMatchObject({ id: 'held', messages: [{ content: 'before' }, {}] });
    expect(seen(2)).toBe(seen(1));
  },
  PROCESSES_TIMEOUT_MS,
);
