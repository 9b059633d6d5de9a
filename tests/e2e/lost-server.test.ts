/** Temporal itself goes away: before a run, and in the middle of some. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { connectTemporal } from '../../client/temporal/connection.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { startServerWithAttributes } from '../../temporal-dev/server.ts';
import type { TemporalServer } from '../../temporal-dev/server.ts';
import { deadAddress } from '../support/dead-address.ts';
import { rootWith } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import { skillos, startSkillos, startWorkerProcess } from '../support/skillos-process.ts';
import type { SkillosProcess } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const GATE = `
import { existsSync } from 'node:fs';
export async function run(file: string) {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  return 'open';
}`;

function environment(root: string, address: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    TEMPORAL_ADDRESS: address,
    SKILLOS_ROOT: root,
    SKILLOS_CACHE_DIR: join(root, '.cache'),
    SKILLOS_STATE_DIR: join(root, '.state'),
  };
}

test('nothing is started where no server answers, and that is said within five seconds', async () => {
  const root = rootWith({ 'test/echo': { code: 'export const run = () => 1;' } });
  const env = environment(root, await deadAddress());
  const { code, tookMs } = await skillos(['run-skill', 'test/echo'], { env });
  expect(code).toBe(7);
  expect(readdirSync(root).sort()).toEqual(['implementations', 'metadata']);
  const start = await skillos(['runs', 'list'], { env }); // the start of a command, without the server
  expect(tookMs - start.tookMs).toBeLessThan(5000);
});

describe('a server that is killed and comes back on its database', () => {
  const folder = tempFolder();
  let server: TemporalServer;
  let worker: SkillosProcess;
  let env: Record<string, string>;

  async function startServer(ports: { readonly port: number; readonly uiPort: number }) {
    server = await startServerWithAttributes({
      ...ports,
      binary: await resolveTemporalBinary({
        config: parseConfig(process.env),
        env: process.env,
        onProgress: (line) => process.stderr.write(`${line}\n`),
      }),
      env: process.env,
      namespace: 'default',
      logFile: join(folder, 'temporal.log'),
      dbFile: join(folder, 'temporal.db'),
    });
  }

  async function killServer(): Promise<void> {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
  }

  beforeAll(async () => {
    await startServer({ port: 0, uiPort: 0 });
    const root = rootWith({
      'test/write': { code: GATE },
      'test/read': { code: GATE, manifest: 'side_effects: read\n' },
    });
    env = environment(root, server.address);
    worker = await startWorkerProcess(env);
  });

  afterAll(async () => {
    worker.signal('SIGTERM');
    expect((await worker.ended).code).toBe(0);
    await server.stop();
  });

  test('at once is not noticed by runs, nor by those who follow them', async () => {
    const gate = join(folder, 'short');
    const argv = ['run-skill', 'test/write', '--payload', gate];
    const [detached, ...followers] = await Promise.all([
      skillos([...argv, '--detach'], { env }),
      ...[1, 2].map(async () => {
        const follower = startSkillos(argv, { env, timeoutMs: 60_000 });
        await follower.until('stderr', /^run: /m);
        return follower;
      }),
    ]);
    await killServer();
    await startServer(server);
    writeFileSync(gate, '');
    const ended = await Promise.all([
      ...followers.map((follower) => follower.ended),
      skillos(['runs', 'watch', detached.stdout.trim()], { env, timeoutMs: 60_000 }),
    ]);
    expect(ended).toMatchObject(ended.map(() => ({ code: 0, stdout: 'open\n' })));
  });

  test('later finds the run as it was; who followed it was told how to come back', async () => {
    const gate = join(folder, 'long');
    const follower = startSkillos(['run-skill', 'test/read', '--payload', gate], { env, timeoutMs: 60_000 });
    const [, runId = ''] = await follower.until('stderr', /^run: (\S+)$/m);
    await killServer();
    const left = await follower.ended;
    expect([left.code, left.stdout]).toEqual([7, '']);
    expect(left.stderr).toContain(
      `Error: Temporal stopped answering (engine_unreachable)\nhint: The run continues when Temporal is reachable again: skillos runs watch ${runId}\n`,
    );
    await startServer(server);
    writeFileSync(gate, '');
    const ended = await skillos(['runs', 'watch', runId], { env, timeoutMs: 60_000 });
    expect([ended.code, ended.stdout]).toEqual([0, 'open\n']);
  });

  test('with an empty database gets its schedules from the worker that runs', async () => {
    const id = `kept-${ulid().toLowerCase()}`;
    const argv = ['schedule', 'add', 'test/read', '--id', id, '--cron', '0 8 * * *', '--payload', 'x'];
    expect((await skillos(argv, { env })).stdout).toBe(`schedule_added: ${id}\n`);
    await killServer();
    for (const name of readdirSync(folder).filter((each) => each.startsWith('temporal.db')))
      rmSync(join(folder, name));
    await startServer(server);
    await worker.until('stderr', /^schedules_repaired: 1$/m);
    const { address } = server;
    const queue = { namespace: 'default', taskQueue: 'skillos', local: false };
    const temporal = await connectTemporal({ address, ...queue });
    const kept = await eventually(() => temporal.client.schedule.getHandle(id).describe());
    await temporal.close();
    expect([kept.state.paused, kept.action.type]).toEqual([false, 'startWorkflow']);
  });
});
