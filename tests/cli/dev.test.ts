import { findEngine } from '../../temporal-dev/client/engine-control.ts';
import { engineFiles } from '../../temporal-dev/client/engine-record.ts';
import type { EngineFiles } from '../../temporal-dev/client/engine-record.ts';
import { ensureEngine } from '../../temporal-dev/client/local-engine.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { isRunning } from '../support/engine.ts';
import { until } from '../support/eventually.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import type { CliResult } from '../support/run-cli.ts';
import { skillos as runSkillos, startSkillos } from '../support/skillos-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

let env: Record<string, string>;
let root: string;
let files: EngineFiles;

beforeAll(() => {
  root = tempFolder();
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SKILLOS|TEMPORAL)_/.test(name));
  env = {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    SKILLOS_STATE_DIR: tempFolder(),
    SKILLOS_ROOT: root,
  };
  files = engineFiles(parseConfig(env), env, root);
});

function skillos(...argv: readonly string[]): Promise<CliResult> {
  return runSkillos(argv, { env });
}

async function json(...argv: readonly string[]): Promise<unknown> {
  return JSON.parse((await skillos(...argv, '--json')).stdout);
}

describe('without an engine', () => {
  test.each([
    [['dev', 'status'], 'not_running\n'],
    [['dev', 'stop'], 'not_running\n'],
    [['dev', 'stop', '--all'], 'not_running\n'],
    [['dev', 'list'], 'no_engines\n'],
    [['dev', 'logs'], ''],
  ])('%s says so and starts none', async (argv, stdout) => {
    expect(await skillos(...argv)).toMatchObject({ code: 0, stdout, stderr: '' });
  });

  test.each([
    [['dev', 'logs', '--part', 'kernel'], 'Unknown --part "kernel": expected engine, server, worker'],
    [['dev', 'logs', '--lines', '0'], 'Invalid --lines "0": expected 1 to 10000'],
  ])('%s is bad usage', async (argv, message) => {
    const { code, stderr } = await skillos(...argv);

    expect(code).toBe(2);
    expect(stderr).toContain(`Error: ${message} (usage)\n`);
  });

  test('a root that does not exist is named', async () => {
    expect(await skillos('dev', 'status', '--root', '/no/such/root')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"/no/such/root"'),
    });
  });

  test('production has none', async () => {
    expect(await runSkillos(['dev'], { env: { ...env, SKILLOS_ENV: 'production' } })).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('hint: Name the server with TEMPORAL_ADDRESS'),
    });
  });
});

describe('skillos dev', () => {
  // Before the folders are removed, as a hook of the file would not be.
  afterAll(() => runSkillos(['dev', 'stop', '--all'], { env }));

  test(
    'takes over from the background, shows itself, refuses a second, and ends all on Ctrl-C',
    async () => {
      const onNote = () => undefined;
      const before = await ensureEngine({ config: parseConfig(env), env, root, onNote });
      const background = await findEngine(files);

      const running = startSkillos(['dev'], { env, timeoutMs: PROCESSES_TIMEOUT_MS });
      await until(async () => {
        const found = await findEngine(files);
        return found?.status.mode === 'foreground' && found.status.state === 'ready';
      });
      const pids = [background?.record.pid, background?.status.server?.pid, background?.status.worker.pid];
      expect(pids.filter((pid) => pid === undefined || isRunning(pid))).toEqual([]);

      const status = {
        state: 'ready',
        mode: 'foreground',
        root,
        address: before.address,
        ui_url: before.uiUrl,
        pids: { engine: running.pid, server: expect.any(Number), worker: expect.any(Number) },
      };
      expect(await json('dev', 'status')).toMatchObject({ schema: 'skillos.engine/v1', ...status });
      expect(await json('dev', 'list')).toMatchObject({ schema: 'skillos.engines/v1', items: [status] });
      expect((await skillos('dev', 'logs', '--part', 'server')).stdout).toContain('server  Temporal');
      expect(await skillos('dev')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('runs in another terminal'),
      });

      running.signal('SIGINT');
      const { code, stdout, stderr } = await running.ended;

      expect(code).toBe(0);
      expect(stdout).toContain(`Temporal    ${before.address}\n`);
      expect(stderr).toContain('replacing the engine in the background');
      expect((await skillos('dev', 'status')).stdout).toBe('not_running\n');
    },
    PROCESSES_TIMEOUT_MS,
  );
});
