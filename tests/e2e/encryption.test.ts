import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';

const SECRET_TEXT = 'the-payload-nobody-should-read';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await openDeployment(
    rootWith({ 'test/echo': { code: 'export const run = (payload: string) => `echo ${payload}`;' } }),
  );
});

afterAll(() => deployment.close());

test('with SKILLOS_PAYLOAD_KEY Temporal stores nothing readable of a run', async () => {
  const env = { ...deployment.env, SKILLOS_PAYLOAD_KEY: 'a key of at least thirty-two bytes' };
  const worker = await startWorkerProcess(env);
  const run = await skillos(['run-skill', 'test/echo', '--payload', SECRET_TEXT, '--json'], { env });
  const document = JSON.parse(run.stdout) as { run_id: string; result: string; steps: unknown[] };
  expect(document).toMatchObject({ result: `echo ${SECRET_TEXT}`, steps: [{ status: 'success' }] });
  const history = await deployment.temporal.client.workflow.getHandle(document.run_id).fetchHistory();
  const stored = JSON.stringify(history, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
  expect(stored).not.toContain(SECRET_TEXT);
  const other = await skillos(['runs', 'show', document.run_id, '--json'], { env: deployment.env });
  expect(JSON.parse(other.stdout)).toMatchObject({ status: 'success' });
  worker.signal('SIGTERM');
  await worker.ended;
});

test('a run is stepped through, decided, cancelled and followed under the key', async () => {
  const env = { ...deployment.env, SKILLOS_PAYLOAD_KEY: 'a key of at least thirty-two bytes' };
  const worker = await startWorkerProcess(env);
  const command = (...argv: readonly string[]) => skillos(argv, { env });
  const started = await command('run-skill', 'test/echo', '--payload', 'a', '--step-through', '--json');
  const { run_id: runId } = JSON.parse(started.stdout) as { run_id: string };
  expect(JSON.parse(started.stdout)).toMatchObject({ status: 'paused' });
  expect(await command('debug', runId)).toMatchObject({ code: 0 });
  expect(await command('debug', runId, 'edit', '--input', '"b"')).toMatchObject({ code: 0 });
  const ended = await command('debug', runId, 'next', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ status: 'success', result: 'echo b' });
  worker.signal('SIGTERM');
  await worker.ended;
});
