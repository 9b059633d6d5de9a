/** An idempotency key on a real server: one run for it, whoever asks, whoever dies, whatever Temporal forgets. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectTemporal } from '../../client/temporal/connection.ts';
import { startRun } from '../../client/submit/start-run.ts';
import type { StartRequest } from '../../client/submit/start-run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { openDeployment, rootWith } from '../support/deployment.ts';
import type { Deployment } from '../support/deployment.ts';
import { startPostgres } from '../support/postgres.ts';
import { skillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';

const CALLS = 100;

/** Notes each call in the file that the payload names. */
const NOTING = `
import { appendFileSync } from 'node:fs';
export function run(file: string) {
  appendFileSync(file, 'called\\n');
  return 'done';
}`;

describe.each(['file', 'postgres'])('an idempotency key on %s', (backend) => {
  let deployment: Deployment;
  let worker: SkillosProcess;
  let files = 0;

  beforeAll(async () => {
    const dsn = backend === 'postgres' ? { SKILLOS_POSTGRES_DSN: (await startPostgres()).dsn } : {};
    deployment = await openDeployment(rootWith({ 'test/note': { code: NOTING } }), {
      SKILLOS_STORAGE_BACKEND: backend,
      ...dsn,
    });
    worker = await startWorkerProcess(deployment.env);
  });

  afterAll(async () => {
    worker.signal('SIGTERM');
    await worker.ended;
    await deployment.close();
  });

  /** A request that is the same each time, and how often its skill was called. */
  function aRequest() {
    const file = join(deployment.root, `calls-${++files}`);
    const ask: StartRequest = {
      plan: { kind: 'step', step: { skill: parseSkillId('test/note') } },
      payload: file,
      principal: { subject: 'tester', roles: [], via: 'local' },
      tenant: 'default',
      idempotency: { key: file, operation: 'run', ttlSeconds: 300 },
    };
    const calls = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
    const start = () => startRun(deployment.ports, deployment.temporal, ask);
    const result = (runId: string) => deployment.temporal.client.workflow.getHandle(runId).result();
    return { file, ask, calls, start, result };
  }

  test('gives 100 parallel requests one run, which is executed once', async () => {
    const { calls, start, result } = aRequest();
    const started = await Promise.all(Array.from({ length: CALLS }, start));
    const first = started.find(({ isReplayed }) => !isReplayed);
    expect(started.filter(({ isReplayed }) => isReplayed)).toHaveLength(CALLS - 1);
    expect(new Set(started.map(({ runId }) => runId))).toEqual(new Set([first?.runId]));
    await result(first?.runId as string);
    expect(calls()).toBe(1);
  });

  test('starts the run of a caller who died after claiming it', async () => {
    const { ask, calls, start, result } = aRequest();
    const lost = await connectTemporal(deployment.temporal.target);
    await lost.close();
    await expect(startRun(deployment.ports, lost, ask)).rejects.toThrow();
    const { runId, isReplayed } = await start();
    expect(isReplayed).toBe(true);
    await result(runId);
    expect((await start()).runId).toBe(runId);
    expect(calls()).toBe(1);
  });

  test('asks nothing of Temporal, which may have forgotten the run, once it has ended', async () => {
    const { ask, calls, start, result } = aRequest();
    const { runId } = await start();
    await result(runId);
    const lost = await connectTemporal(deployment.temporal.target);
    await lost.close();
    expect(await startRun(deployment.ports, lost, ask)).toMatchObject({ runId, isReplayed: true });
    expect(calls()).toBe(1);
  });

  test('replays a query as it replays a skill, and refuses another request with exit 2', async () => {
    const { file, calls } = aRequest();
    const run = (...argv: readonly string[]) =>
      skillos([...argv, '--payload', file, '--json', '--idempotency-key', 'k'], { env: deployment.env });
    const query = ['run', 'note for a test', '--execute', '--skill', 'test/note'];
    const documents = [await run(...query), await run(...query)].map(
      ({ stdout }) => JSON.parse(stdout) as { run_id: string; replayed?: boolean },
    );
    expect(documents).toMatchObject([{ status: 'success' }, { status: 'success', replayed: true }]);
    expect(documents[1]?.run_id).toBe(documents[0]?.run_id);
    const reused = await run(...query, '--max-retries', '1');
    expect(reused.code).toBe(2);
    expect(JSON.parse(reused.stdout)).toMatchObject({ code: 'idempotency_key_reused' });
    expect((await run('run-skill', 'test/note')).code).toBe(0);
    expect(calls()).toBe(2);
  });
});
