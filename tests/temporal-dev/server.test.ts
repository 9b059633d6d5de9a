import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { SEARCH_ATTRIBUTES } from '../../core/runs/search-attributes.ts';
import { registerSearchAttributes } from '../../temporal-dev/search-attributes.ts';
import { DEFAULT_PORTS, startServerWithAttributes, startTemporalServer } from '../../temporal-dev/server.ts';
import type { ServerOptions, TemporalServer } from '../../temporal-dev/server.ts';
import { isRunning } from '../support/engine.ts';
import { tempFolder } from '../support/temp-folder.ts';

const NAMES = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
const servers: TemporalServer[] = [];
let binary: string;
let folder: string;

beforeAll(async () => {
  const onProgress = (line: string) => process.stderr.write(`${line}\n`);
  binary = await resolveTemporalBinary({ config: parseConfig(process.env), env: process.env, onProgress });
});

beforeEach(() => {
  folder = tempFolder();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

function options(more: Partial<ServerOptions> = {}): ServerOptions {
  const logFile = path.join(folder, 'server.log');
  return { binary, env: process.env, namespace: 'default', logFile, port: 0, uiPort: 0, ...more };
}

async function start(more: Partial<ServerOptions> = {}): Promise<TemporalServer> {
  const server = await startTemporalServer(options(more));
  servers.push(server);
  return server;
}

async function withConnection<T>(
  { address }: TemporalServer,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address });
  return use(connection).finally(() => connection.close());
}

describe('startTemporalServer', () => {
  test('answers, serves the Web UI, and knows our search attributes', async () => {
    const server = await start();
    const page = await fetch(server.uiUrl);

    expect(page.status).toBe(200);
    const added = await withConnection(server, (connection) =>
      registerSearchAttributes(connection, 'default'),
    );
    expect(added).toEqual([]);
  });

  test('finds a port for each of three that want the same one', async () => {
    const started = await Promise.all([1, 2, 3].map(() => start({ ...DEFAULT_PORTS })));

    expect(new Set(started.map(({ address }) => address)).size).toBe(3);
    expect(new Set(started.map(({ uiUrl }) => uiUrl)).size).toBe(3);
  });

  test('leaves no process behind when it is stopped', async () => {
    const server = await start();
    await server.stop();

    expect(isRunning(server.pid)).toBe(false);
  });

  test.each([
    ['that is not there', '/no/such/file', 'ENOENT'],
    ['that ends at once', '/bin/false', 'exit code 1'],
  ])('reports a binary %s', async (_, file, reason) => {
    await expect(start({ binary: file })).rejects.toMatchObject({
      code: 'engine_failed',
      message: expect.stringContaining(reason),
    });
  });

  test('moves a database aside that cannot be read, and keeps its bytes', async () => {
    const notes: string[] = [];
    const dbFile = path.join(folder, 'temporal.db');
    writeFileSync(dbFile, 'not a database '.repeat(500));
    await start({ dbFile, onNote: (line) => notes.push(line) });

    expect(notes).toEqual([expect.stringContaining('WARNING')]);
    expect(readdirSync(folder)).toContainEqual(expect.stringMatching(/^temporal\.db\.unreadable-[\dTZ-]+$/));
  });
});

describe('startServerWithAttributes', () => {
  test('registers the search attributes on a database that was made without them', async () => {
    const namespace = 'made-before';
    const dbFile = path.join(folder, 'temporal.db');
    const server = await startServerWithAttributes(options({ namespace, dbFile }));
    servers.push(server);
    const workflowId = 'tagged';
    const searchAttributes = { SkillosSkill: ['travel/x'], SkillosApprovers: ['ann', 'bob'] };

    await withConnection(server, async (connection) => {
      const client = new Client({ connection, namespace });
      await client.workflow.start('waits', { workflowId, taskQueue: 'nobody-polls', searchAttributes });
      const described = await client.workflow.getHandle(workflowId).describe();
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });

      expect(described.searchAttributes).toMatchObject(searchAttributes);
      expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(NAMES));
    });
  });
});

describe('registerSearchAttributes', () => {
  test('adds what is missing, and does it so that it counts at once', async () => {
    const server = await start();
    await withConnection(server, async (connection) => {
      const namespace = 'default';
      await connection.operatorService.removeSearchAttributes({
        namespace,
        searchAttributes: ['SkillosSkill'],
      });
      const client = new Client({ connection });

      expect(await registerSearchAttributes(connection, namespace)).toEqual(['SkillosSkill']);
      await client.workflow.start('waits', {
        workflowId: 'tagged',
        taskQueue: 'nobody-polls',
        searchAttributes: { SkillosSkill: ['travel/x'] },
      });
    });
  });

  test('refuses an attribute of another type', async () => {
    const server = await start();
    await withConnection(server, async (connection) => {
      const namespace = 'default';
      const { operatorService } = connection;
      await operatorService.removeSearchAttributes({ namespace, searchAttributes: ['SkillosState'] });
      await operatorService.addSearchAttributes({ namespace, searchAttributes: { SkillosState: 3 } });

      await expect(registerSearchAttributes(connection, namespace)).rejects.toMatchObject({
        code: 'temporal_setup_needed',
      });
    });
  });
});
