import { execFile } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { requestEngine, findEngine } from '../../temporal-dev/client/engine-control.ts';
import type { LivingEngine } from '../../temporal-dev/client/engine-control.ts';
import { readEngineRecord, workerSettings } from '../../temporal-dev/client/engine-record.ts';
import type { EngineRecord } from '../../temporal-dev/client/engine-record.ts';
import type { EngineInfo } from '../../temporal-dev/client/local-engine.ts';
import { makeDir } from '../../adapters/files/files.ts';
import { parseConfig } from '../../core/settings/config.ts';
import type { Environment } from '../../core/settings/config.ts';
import { bundledWithPackages, engineCommand, isRunning, testEngine } from '../support/engine.ts';
import { until } from '../support/eventually.ts';
import type { TestEngine } from '../support/engine.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';

const run = promisify(execFile);

let command: readonly string[];

function newEngine(settings: Readonly<Record<string, string>> = {}): TestEngine {
  return testEngine(command, settings);
}

beforeAll(async () => {
  command = await engineCommand();
});

describe('ensureEngine', () => {
  test(
    'starts one engine for ten commands at once, and says so once',
    async () => {
      const engine = newEngine();
      const script = await bundledWithPackages(new URL('../support/ensure-process.ts', import.meta.url));
      const env = { ...engine.env, SKILLOS_ROOT: engine.root, TEST_ENGINE: JSON.stringify(command) };
      const commands = Array.from({ length: 10 }, () => run(process.execPath, [script], { env }));
      const answers = (await Promise.all(commands)).map(
        ({ stdout }) => JSON.parse(stdout) as { address: string; notes: string[] },
      );

      expect(new Set(answers.map(({ address }) => address)).size).toBe(1);
      const notes = answers.flatMap((answer) => answer.notes);
      expect(notes.filter((note) => !note.startsWith('engine: waited '))).toEqual([
        'engine: starting Temporal for ' + engine.root + ' (first start may download it)',
      ]);
    },
    PROCESSES_TIMEOUT_MS,
  );

  describe('with an engine that runs', () => {
    let engine: TestEngine;

    beforeAll(async () => {
      engine = newEngine();
      await engine.ensure();
    });

    test('finds it again without a word', async () => {
      const before = await engine.pids();
      engine.notes.length = 0;

      await engine.ensure();

      expect(await engine.pids()).toEqual(before);
      expect(engine.notes).toEqual([]);
    });

    test('restarts a killed server on its port', async () => {
      const { address } = await engine.ensure();
      const before = await engine.pids();
      process.kill(before.server, 'SIGKILL');
      await until(async () => (await engine.pids()).server !== before.server);

      expect(await engine.ensure()).toMatchObject({ address });
      expect((await engine.pids()).server).not.toBe(before.server);
    });

    test('restarts a killed worker', async () => {
      const before = await engine.pids();
      process.kill(before.worker, 'SIGKILL');
      await until(async () => (await engine.pids()).worker !== before.worker);

      await engine.ensure();

      const after = await engine.pids();
      expect(after.worker).not.toBe(before.worker);
      expect(after.server).toBe(before.server);
    });

    test('replaces a killed engine and ends what it left', async () => {
      const { address } = await engine.ensure();
      const before = await engine.pids();
      process.kill(before.engine, 'SIGKILL');
      await until(() => !isRunning(before.engine));

      expect(await engine.ensure()).toMatchObject({ address });

      const after = await engine.pids();
      expect(after.engine).not.toBe(before.engine);
      expect(isRunning(before.server)).toBe(false);
      await until(() => !isRunning(before.worker));
    });

    test('has the worker replaced by one with this command’s settings, and says why', async () => {
      const before = await engine.pids();
      engine.notes.length = 0;

      await engine.ensure({ SKILLOS_PARALLEL_LIMIT: '7' });

      const after = await engine.pids();
      expect(after.server).toBe(before.server);
      expect(after.worker).not.toBe(before.worker);
      expect(engine.notes).toEqual(['engine: SKILLOS_PARALLEL_LIMIT changed, restarting the worker']);
    });

    test('follows settings.env, also a line that was removed, and keeps what a command has set', async () => {
      const file = path.join(engine.root, 'settings.env');
      writeFileSync(file, 'SKILLOS_BUDGET_DAILY=7\n');
      await engine.ensure({ SKILLOS_PARALLEL_LIMIT: '6' });
      const { nonce } = (await readEngineRecord(engine.files)) as EngineRecord;
      const inWorker = async () => {
        const { settings } = ((await findEngine(engine.files)) as LivingEngine).status.worker;
        return [settings['SKILLOS_BUDGET_DAILY'], settings['SKILLOS_PARALLEL_LIMIT']];
      };
      const digests = (env: Environment) => {
        const settings = workerSettings(parseConfig(env), nonce);
        return [settings['SKILLOS_BUDGET_DAILY'], settings['SKILLOS_PARALLEL_LIMIT']];
      };
      expect(await inWorker()).toEqual(digests({ SKILLOS_BUDGET_DAILY: '7', SKILLOS_PARALLEL_LIMIT: '6' }));
      engine.notes.length = 0;

      rmSync(file);
      await engine.ensure();

      expect(engine.notes).toEqual(['engine: SKILLOS_BUDGET_DAILY changed, restarting the worker']);
      expect(await inWorker()).toEqual(digests({ SKILLOS_PARALLEL_LIMIT: '6' }));
    });

    test('has no command change or take away the approval token of the worker', async () => {
      await engine.ensure({ SKILLOS_APPROVAL_TOKEN: 'hush' });
      const before = await engine.pids();
      engine.notes.length = 0;

      await engine.ensure();
      expect(await engine.pids()).toEqual(before);
      expect(engine.notes).toEqual([]);

      await engine.ensure({ SKILLOS_APPROVAL_TOKEN: 'mine' });
      expect(await engine.pids()).toEqual(before);
      const kept = 'engine: the worker keeps its SKILLOS_APPROVAL_TOKEN; to change it, run: skillos dev stop';
      expect(engine.notes).toEqual([kept]);

      await engine.ensure({ SKILLOS_PARALLEL_LIMIT: '9' });
      const { status } = (await findEngine(engine.files)) as LivingEngine;
      const { nonce } = (await readEngineRecord(engine.files)) as EngineRecord;
      const expected = parseConfig({ SKILLOS_APPROVAL_TOKEN: 'hush' });
      const { SKILLOS_APPROVAL_TOKEN: digest } = workerSettings(expected, nonce);
      expect(status.worker.settings['SKILLOS_APPROVAL_TOKEN']).toBe(digest);
    });

    test('reports a worker that does not start, and recovers with settings that work', async () => {
      await expect(engine.ensure({ SKILLOS_TASK_QUEUE: 'broken' })).rejects.toMatchObject({
        code: 'engine_failed',
        message: 'The worker of the local engine did not start: this worker is broken',
      });

      expect(await engine.ensure()).toMatchObject({ taskQueue: 'skillos' });
    });

    test('gives nothing to who does not know the nonce', async () => {
      const record = (await readEngineRecord(engine.files)) as EngineRecord;
      const url = `http://127.0.0.1:${record.controlPort}/stop`;
      const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${record.nonce}` },
      });

      expect(answer.status).toBe(401);
      expect(answer.headers.get('x-skillos-engine')).toBeNull();
      expect(await requestEngine({ ...record, nonce: 'x'.repeat(64) }, 'GET /status')).toBeUndefined();
      expect(await findEngine(engine.files)).toBeDefined();
    });

    test('ends everything on SIGTERM', async () => {
      const pids = await engine.pids();
      process.kill(pids.engine, 'SIGTERM');

      await until(() => !isRunning(pids.engine));

      expect([pids.server, pids.worker].filter(isRunning)).toEqual([]);
      expect(await readEngineRecord(engine.files)).toBeUndefined();
    });
  });

  test('uses other ports where the usual ones are taken', async () => {
    const taken = await Promise.all([occupy(7233), occupy(8233)]);
    try {
      const { address, uiUrl } = await newEngine().ensure();

      expect(address).not.toMatch(/:7233$/);
      expect(uiUrl).not.toMatch(/:8233$/);
    } finally {
      for (const server of taken) server?.close();
    }
  });

  test('is not taken in by a stale record and a stranger on its port', async () => {
    const stranger = createServer((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as AddressInfo;
    const engine = newEngine();
    await makeDir(engine.files.folder);
    const self = process.pid; // would be killed if a pid were believed
    const stale: EngineRecord = {
      schema: 'skillos.engine/v1',
      nonce: 'n'.repeat(64),
      pid: self,
      controlPort: port,
      version: 'test',
      root: engine.root,
      server: { pid: self, port: 40_001, uiPort: 40_002 },
      workers: [self],
    };
    writeFileSync(engine.files.record, JSON.stringify(stale));
    try {
      await engine.ensure();

      expect((await engine.pids()).engine).not.toBe(self);
    } finally {
      stranger.close();
    }
  });

  test('moves a database aside that cannot be read, and says so', async () => {
    const engine = newEngine();
    await makeDir(engine.files.folder);
    writeFileSync(engine.files.database, 'not a database '.repeat(500));

    await engine.ensure();

    expect(engine.notes.join('\n')).toContain('WARNING: the database of the local engine cannot be read');
    expect(readdirSync(engine.files.folder)).toContainEqual(
      expect.stringMatching(/^temporal\.db\.unreadable-/),
    );
  });

  test('keeps runs over a restart', async () => {
    const engine = newEngine();
    await withClient(await engine.ensure(), (client) =>
      client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody-polls' }),
    );
    await engine.stop();

    const kept = await withClient(await engine.ensure(), (client) =>
      client.workflow.getHandle('kept').describe(),
    );

    expect(kept.status.name).toBe('RUNNING');
  });

  test('leaves after a time without work', async () => {
    const engine = newEngine({ SKILLOS_DEV_IDLE: '800ms' });
    await engine.ensure();
    const { server, worker } = await engine.pids();

    await until(async () => (await readEngineRecord(engine.files)) === undefined);

    expect([server, worker].filter(isRunning)).toEqual([]);
  });

  test('leaves when nobody can find it any more', async () => {
    const engine = newEngine();
    await engine.ensure();
    const pids = Object.values(await engine.pids()) as number[];
    rmSync(engine.files.folder, { recursive: true });

    await until(() => !pids.some(isRunning));
  });

  test.each([
    ['SKILLOS_DEV_AUTOSTART', '0', 'engine_not_running'],
    ['SKILLOS_ENV', 'production', 'engine_not_running'],
    ['SKILLOS_TEMPORAL_BIN', '/dev/null', 'config_invalid'],
  ])('with %s=%s rejects with %s', async (variable, value, code) => {
    await expect(newEngine().ensure({ [variable]: value })).rejects.toMatchObject({ code });
  });
});

describe('stopEngine', () => {
  test('ends what a killed engine left', async () => {
    const engine = newEngine();
    await engine.ensure();
    const pids = await engine.pids();
    process.kill(pids.engine, 'SIGKILL');
    await until(() => !isRunning(pids.engine));

    await engine.stop();

    expect([pids.server, pids.worker].filter(isRunning)).toEqual([]);
    expect(await readEngineRecord(engine.files)).toBeUndefined();
  });
});

async function withClient<T>({ address }: EngineInfo, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  return use(new Client({ connection })).finally(() => connection.close());
}

/** `undefined` where it is taken already. */
function occupy(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createTcpServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
