import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { machineChecks } from '../../../adapters/doctor/machine-checks.ts';
import type { Machine } from '../../../adapters/doctor/machine-checks.ts';
import { embeddingChecks } from '../../../adapters/doctor/embedding-checks.ts';
import { storeChecks } from '../../../adapters/doctor/store-checks.ts';
import { openPresentRoots } from '../../../adapters/deployments/present-root.ts';
import { parseConfig } from '../../../core/settings/config.ts';
import type { Environment } from '../../../core/settings/config.ts';
import type { Check } from '../../../core/telemetry/diagnosis.ts';
import { deadAddress } from '../../support/dead-address.ts';
import { rootWith } from '../../support/deployment.ts';
import { startPostgres } from '../../support/postgres.ts';
import { startRedis, stopRedisServers } from '../../support/redis.ts';
import { httpServer } from '../../support/http-server.ts';
import { memoryBlobs } from '../../support/memory-blobs.ts';
import { memoryRecords } from '../../support/memory-records.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const FINE = { code: `export const run = (text: string) => text;` };

function machineOf(more: Partial<Machine> = {}, settings: Environment = {}): Machine {
  const env = {
    SKILLOS_ROOT: rootWith({ 'ops/fine': FINE }),
    SKILLOS_CACHE_DIR: tempFolder(),
    SKILLOS_STATE_DIR: tempFolder(),
    ...settings,
  };
  const config = parseConfig(env);
  const roots = openPresentRoots(config, { records: memoryRecords(), blobs: memoryBlobs() });
  return { config, env, roots, now: Date.now, nodeVersion: '22.1.0', ...more };
}

async function messagesOf(checks: readonly Check[]): Promise<readonly string[]> {
  const found = await Promise.all(checks.map(async ({ name, run }) => ({ name, problems: await run() })));
  return found.flatMap(({ name, problems }) => problems.map(({ message }) => `${name}: ${message}`));
}

describe('machineChecks', () => {
  const find = (machine: Machine) => messagesOf(machineChecks(machine));

  test('finds nothing on a machine that is as it should be', async () => {
    expect(await find(machineOf())).toEqual([]);
  });

  test('finds a Node that is too old', async () => {
    expect(await find(machineOf({ nodeVersion: '20.9.0' }))).toEqual([
      'node: Node is 20.9.0: expected >=20.17',
    ]);
  });

  test('finds a full disk', async () => {
    const found = await find(machineOf({ minFreeBytes: 2 ** 60 }));
    expect(found[0]).toMatch(/^folders: \d+ MB are free on the disk of the skills root: expected \d+$/);
  });

  test('finds a folder that cannot be made', async () => {
    const file = path.join(tempFolder(), 'file');
    writeFileSync(file, '');
    expect(await find(machineOf({}, { SKILLOS_CACHE_DIR: path.join(file, 'cache') }))).toEqual([
      'folders: The folder of SKILLOS_CACHE_DIR cannot be written',
    ]);
  });

  test('finds a sandbox that does not start, if the code of a skill needs it', async () => {
    const PATH = tempFolder();
    expect(await find(machineOf({}, { PATH }))).toEqual([]);
    expect(await find(machineOf({}, { SKILLOS_SANDBOX: 'all' }))).toEqual([]);
    const root = rootWith({ 'ops/careful': { ...FINE, manifest: 'sandbox: true\n' } });
    for (const needed of [{ SKILLOS_SANDBOX: 'all' }, { SKILLOS_ROOT: root }]) {
      expect(await find(machineOf({}, { PATH, ...needed }))).toEqual([
        'sandbox: The sandbox does not start here, so code that needs it does not run: bubblewrap (bwrap) or prlimit is not installed',
      ]);
    }
  });

  test('finds a broken policy and a file of secrets that others may read', async () => {
    const machine = machineOf();
    const { root } = machine.config;
    for (const folder of ['policies', 'secrets']) mkdirSync(path.join(root, folder));
    writeFileSync(path.join(root, 'policies', 'permission_policies.json'), '{');
    writeFileSync(path.join(root, 'secrets', '.env'), 'A=1', { mode: 0o644 });
    const found = await find(machine);
    expect(found).toHaveLength(2);
    expect(found.join('\n')).toMatch(/policies\/permission_policies\.json/);
    expect(found.join('\n')).toMatch(/secrets\/\.env is open to other users/);
  });

  test('finds secrets that nobody has set', async () => {
    const root = rootWith({ 'ops/fine': { ...FINE, manifest: 'secrets: [KEY]\n' } });
    expect(await find(machineOf({}, { SKILLOS_ROOT: root, KEY: 'x' }))).toEqual([]);
    expect(await find(machineOf({}, { SKILLOS_ROOT: root }))).toEqual([
      'secrets: The skill ops/fine finds no secret "KEY" here: expected SKILLOS_OPS_FINE_KEY or KEY',
    ]);
  });

  test('finds secrets that are easy to guess, without printing them', async () => {
    const found = await find(machineOf({}, { SKILLOS_WEBHOOK_SECRET: 'long enough to be safe,letmein' }));
    expect(found).toEqual(['keys: SKILLOS_WEBHOOK_SECRET is easy to guess: expected at least 16 characters']);
  });

  test('finds a certificate that expires within two weeks', async () => {
    const folder = tempFolder();
    const file = path.join(folder, 'client.crt');
    const subject = ['-subj', '/CN=test', '-days', '3', '-nodes', '-newkey', 'rsa:2048'];
    const files = ['-keyout', path.join(folder, 'client.key'), '-out', file];
    execFileSync('openssl', ['req', '-x509', ...subject, ...files], { stdio: 'ignore' });
    const [found] = await find(machineOf({}, { TEMPORAL_TLS_CLIENT_CERT_PATH: file }));
    expect(found).toMatch(/^keys: The certificate for Temporal is valid until /);
    const [missing] = await find(machineOf({}, { TEMPORAL_TLS_CLIENT_CERT_PATH: `${file}x` }));
    expect(missing).toBe('keys: The certificate for Temporal cannot be read');
  });
});

describe('embeddingChecks', () => {
  const find = (settings: Environment) => {
    const env = { SKILLOS_ROOT: tempFolder(), SKILLOS_CACHE_DIR: tempFolder(), ...settings };
    return messagesOf(embeddingChecks(parseConfig(env), env));
  };
  const serverAt = (url: string) => ({ SKILLOS_EMBEDDINGS_URL: url, SKILLOS_EMBEDDINGS_MODEL: 'm' });

  test('looks at no model that the settings do not use', async () => {
    const off = { ...serverAt('http://127.0.0.1:1'), SKILLOS_EMBEDDINGS: 'off' };
    expect([await find({}), await find(off)]).toEqual([[], []]);
  });

  test('finds a local model that is not installed', async () => {
    expect(await find({ SKILLOS_EMBEDDINGS: 'local' })).toEqual([
      expect.stringMatching(/^embeddings: .*"model\.onnx" is missing.*skillos models install/),
    ]);
  });

  test('finds a server that is away or refuses', async () => {
    await using server = await httpServer((_, response) => void response.end('{"data":[{"embedding":[1]}]}'));
    await using refusing = await httpServer((_, response) => void response.writeHead(401).end());
    expect(await find(serverAt(server.url))).toEqual([]);
    expect(await find(serverAt(refusing.url))).toEqual([expect.stringContaining('it answered 401')]);
    expect(await find(serverAt(`http://${await deadAddress()}`))).toEqual([
      'embeddings: Routing goes by words alone. The server of embeddings failed: it cannot be reached',
    ]);
  });
});

describe('storeChecks', () => {
  const root = tempFolder();
  afterAll(stopRedisServers);
  const configOf = (settings: Environment) => parseConfig({ SKILLOS_ROOT: root, ...settings });

  test('asks no store that the settings do not use', () => {
    expect(storeChecks(configOf({}), Date.now)).toEqual([]);
  });

  test('finds a Postgres whose clock differs, or that is away', async () => {
    const { dsn } = await startPostgres();
    const settings = { SKILLOS_STORAGE_BACKEND: 'postgres', SKILLOS_POSTGRES_DSN: dsn };
    const find = (now: () => number, more: Environment = {}) =>
      messagesOf(storeChecks(configOf({ ...settings, ...more }), now));
    expect(await find(Date.now)).toEqual([]);
    const [differs] = await find(() => Date.now() - 60_000);
    expect(differs).toMatch(/^postgres: The clocks of this machine and of Postgres differ by \d+ ms$/);
    const away = `postgres://a:b@${await deadAddress()}/c`;
    await expect(find(Date.now, { SKILLOS_POSTGRES_DSN: away })).rejects.toMatchObject({
      code: 'storage_unreachable',
    });
  });

  test('finds a Redis that is away', async () => {
    const redis = await startRedis();
    const find = (url: string) => messagesOf(storeChecks(configOf({ SKILLOS_REDIS_URL: url }), Date.now));
    expect(await find(redis.url)).toEqual([]);
    await expect(find(`redis://${await deadAddress()}`)).rejects.toMatchObject({ code: 'redis_unreachable' });
  });
});
