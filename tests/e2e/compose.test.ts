/**
 * The topology of compose.yaml, as processes of this machine: services in the order of their dependencies, with the commands,
 * environments, secrets and health checks that compose.yaml and the Dockerfile name. Images of others are replaced by servers of
 * the tests, and Temporal by its development server with a database file, which needs no schema.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { parseConfig } from '../../core/settings/config.ts';
import { SkillosClient } from '../../server/sdk.ts';
import { resolveTemporalBinary } from '../../temporal-dev/binary.ts';
import { startTemporalServer } from '../../temporal-dev/server.ts';
import type { TemporalServer } from '../../temporal-dev/server.ts';
import { readCompose } from '../support/compose.ts';
import { deadAddress } from '../support/dead-address.ts';
import { eventually } from '../support/eventually.ts';
import { PROJECT } from '../support/imports.ts';
import { startPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { redisBinary } from '../support/redis.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { signToken } from '../support/tokens.ts';

const { services } = readCompose();
const DOCKERFILE = readFileSync(path.join(PROJECT, 'Dockerfile'), 'utf8');
const PRODUCTION = readFileSync(path.join(PROJECT, 'docs/production.md'), 'utf8');

const RESTARTS = 3;

const folder = tempFolder();
const root = path.join(folder, 'skills');
const secretOf = (name: string) => readFileSync(path.join(folder, 'secrets', name), 'utf8');
/** Ports of this machine instead of those of containers. */
const ports: Record<string, string> = {};

let postgres: TestPostgres | undefined;
let temporal: TemporalServer | undefined;
/** Of the program `temporal`, which is its server and its client. */
let temporalFolder = '';
const processes = new Map<string, ChildProcess>();

async function succeed(child: ChildProcess): Promise<string> {
  const { code, output } = await endOf(child);
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** Starts it again if it fails, as Compose does, but not for ever: Temporal may not answer at once. */
async function succeedSoon(start: () => ChildProcess): Promise<void> {
  for (let left = RESTARTS; left > 0; left -= 1) if ((await endOf(start())).code === 0) return;
  await succeed(start());
}

async function endOf(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const outputs = [child.stdout, child.stderr].map((stream) => text(stream as NodeJS.ReadableStream));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: (await Promise.all(outputs)).join('') };
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, cwd: folder, detached: true };
  return spawn(command, args, options);
}

/** Variables that the image sets. */
function imageEnvironment(): Record<string, string> {
  const last = DOCKERFILE.slice(DOCKERFILE.lastIndexOf('\nFROM '));
  const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(last) ?? [];
  return Object.fromEntries([...block.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]));
}

/** What a container of the service sees, with the paths, names and ports of this machine. */
function environmentOf(name: string): Record<string, string> {
  const { environment = {} } = services[name] as (typeof services)[string];
  const here = (value: string) =>
    value.replace(/^\/run\/secrets|^\/skills$|^\/tmp|^temporal:7233$|\b(?:9464|8000)\b/, (found) => {
      if (found === '/run/secrets') return path.join(folder, 'secrets');
      if (found === '/skills') return root;
      if (found === '/tmp') return path.join(folder, 'tmp', name);
      return found === 'temporal:7233' ? `127.0.0.1:${ports['temporal']}` : (ports[name] as string);
    });
  const seen = { ...imageEnvironment(), ...environment };
  return {
    ...Object.fromEntries(Object.entries(seen).map(([variable, value]) => [variable, here(value)])),
    ...(name === 'api' ? { SKILLOS_API_PORT: ports['api'] as string } : {}),
  };
}

/** The image's entry point with the command. */
function ours(name: string, command: readonly string[]): ChildProcess {
  mkdirSync(path.join(folder, 'tmp', name), { recursive: true });
  const script = path.join(PROJECT, 'docs/docker/with-secrets.sh');
  const program = path.join(PROJECT, 'dist/skillos.mjs');
  return run('sh', [script, process.execPath, program, ...command], environmentOf(name));
}

async function startOurs(name: string): Promise<void> {
  const { command = ['serve'], ports: _ports, ...service } = services[name] as (typeof services)[string];
  if (isAwaited(name)) {
    expect(service.restart).toBe('on-failure');
    await succeedSoon(() => ours(name, command));
    return;
  }
  const child = ours(name, command);
  const ended = endOf(child);
  processes.set(name, child);
  expect(service.build).toBe('.');
  const [, check = ''] = /^HEALTHCHECK [^[]*(\[.*\])$/m.exec(DOCKERFILE) ?? [];
  const [, ...probe] = JSON.parse(check) as string[];
  // Compose asks every ten seconds.
  while ((await endOf(run(process.execPath, probe, environmentOf(name)))).code !== 0) {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${(await ended).output}`);
    await delay(500);
  }
}

/** True if another service waits until this one has ended. */
function isAwaited(name: string): boolean {
  return Object.values(services).some(({ depends_on: needed = {} }) => {
    const { condition } = (needed[name] ?? {}) as { readonly condition?: string };
    return condition === 'service_completed_successfully';
  });
}

/** Runs the script that fills an empty volume, with a `psql` that our driver serves. */
async function fillDatabase({ dsn }: TestPostgres): Promise<void> {
  const psql = `#!${process.execPath}
const { Client } = require(${JSON.stringify(path.join(PROJECT, 'node_modules/pg'))});
const values = Object.fromEntries(process.argv.slice(2).filter((each) => each.includes('=')).map((each) => each.split(/=(.*)/s)));
const quoted = (_, name) => "'" + values[name].replaceAll("'", "''") + "'";
const sql = require('node:fs').readFileSync(0, 'utf8').replace(/:'([a-z_]+)'/g, quoted);
(async () => {
  const client = new Client({ connectionString: process.env.DSN });
  await client.connect();
  for (const statement of sql.split(';').filter((each) => each.trim() !== '')) await client.query(statement);
  await client.end();
})();
`;
  writeFileSync(path.join(folder, 'psql'), psql, { mode: 0o755 });
  const script = readFileSync(path.join(PROJECT, 'docs/docker/create-databases.sh'), 'utf8');
  const here = script.replaceAll('/run/secrets', path.join(folder, 'secrets'));
  const env = { DSN: dsn, POSTGRES_USER: 'postgres', PATH: `${folder}:${process.env['PATH']}` };
  await succeed(run('sh', ['-c', here], env));
}

/** Services whose images are not ours. */
const OTHERS: Readonly<Record<string, () => Promise<void>>> = {
  async postgres() {
    if (postgres !== undefined) return postgres.start();
    postgres = await startPostgres({ user: 'postgres' });
    await fillDatabase(postgres);
    const { host } = new URL(postgres.dsn);
    const dsn = path.join(folder, 'secrets', 'postgres_dsn');
    writeFileSync(dsn, secretOf('postgres_dsn').replace('postgres:5432', host));
  },
  async redis() {
    const [shell = '', flag = '', command = ''] = services['redis']?.command ?? [];
    const here = command
      .replaceAll('$$', '$')
      .replaceAll('/run/secrets', path.join(folder, 'secrets'))
      .replace('redis-server -', `${await redisBinary()} - --port ${ports['redis']} --bind 127.0.0.1`);
    const child = run(shell, [flag, here], {});
    processes.set('redis', child);
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await eventually(() => expect(printed).toMatch(/ready to accept connections/i));
  },
  async temporal() {
    const { env } = process;
    const binary = await resolveTemporalBinary({ config: parseConfig(env), env, onProgress: console.error });
    temporalFolder = path.dirname(binary);
    temporal = await startTemporalServer({
      binary,
      env,
      namespace: 'default',
      logFile: path.join(folder, 'temporal.log'),
      dbFile: path.join(folder, 'temporal.db'),
      port: Number(ports['temporal'] ?? 0),
      uiPort: 0,
    });
    ports['temporal'] = String(temporal.port);
  },
  async 'temporal-namespace'() {
    const script = path.join(PROJECT, 'docs/docker/temporal-namespace.sh');
    const env = { ...environmentOf('temporal-namespace'), PATH: `${temporalFolder}:${process.env['PATH']}` };
    await succeed(run('sh', [script], env));
  },
  'temporal-schema': async () => undefined,
  'temporal-ui': async () => undefined,
};

/** Each service as soon as those that it depends on have started, as Compose does. */
async function up(): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const start = (name: string): Promise<void> => {
    const known = started.get(name);
    if (known !== undefined) return known;
    const { build, depends_on: needed = {} } = services[name] as (typeof services)[string];
    const starting = Promise.all(Object.keys(needed).map(start)).then(() => {
      if (build !== undefined) return startOurs(name);
      const other = OTHERS[name];
      if (other === undefined) throw new Error(`Expected a replacement for the image of ${name}`);
      return other();
    });
    started.set(name, starting);
    return starting;
  };
  await Promise.all(Object.keys(services).map(start));
}

/** The host loses its power. */
async function lose(): Promise<void> {
  const alive = [...processes.values()].filter((child) => child.exitCode === null);
  const gone = alive.map((child) => once(child, 'exit'));
  // Groups, because the shell of Redis waits for it.
  for (const { pid } of alive) process.kill(-(pid as number), 'SIGKILL');
  if (temporal !== undefined) process.kill(temporal.pid, 'SIGKILL');
  await Promise.all([...gone, postgres?.stop('SIGQUIT'), temporal?.ended]);
  processes.clear();
}

/** The commands that docs/production.md shows, from those for a shell on to those in a container. */
const [, SHOWN = ''] = /^```sh\n(sh docs[^`]*)^```/m.exec(PRODUCTION) ?? [];

/** Runs the shown commands that are for a shell and need neither Docker nor root. */
async function prepareAsShown(): Promise<void> {
  const commands = SHOWN.split('\n').filter((line) => !/^(docker|sudo) |^$/.test(line));
  expect(commands.length).toBeGreaterThan(1);
  const here = commands.map((line) => line.replace(/^sh /, `sh ${PROJECT}/`)).join('\n');
  await succeed(run('sh', ['-e', '-c', here], {}));
}

/** Runs the shown command of SkillOS that begins so. */
function asShown(command: string): ChildProcess {
  const [, name = '', argv = ''] =
    new RegExp(`^docker compose exec (\\S+) with-secrets skillos (${command}.*)$`, 'm').exec(SHOWN) ?? [];
  return ours(name, argv.split(' '));
}

/** What `doctor` finds. */
async function problems(): Promise<readonly string[]> {
  const { output } = await endOf(asShown('doctor'));
  expect(output).toMatch(/^✓ /m);
  return output.match(/^✗ .*$/gm) ?? [];
}

async function clientOf(subject: string, roles: readonly string[]): Promise<SkillosClient> {
  const key = new TextEncoder().encode(secretOf('jwt_secret'));
  const token = await signToken({ sub: subject, roles }, { key });
  return new SkillosClient({ baseUrl: `http://127.0.0.1:${ports['api']}`, token });
}

beforeAll(async () => {
  for (const name of ['skills', 'tmp']) mkdirSync(path.join(folder, name));
  for (const name of ['metadata', 'implementations', 'connectors', 'compositions'])
    cpSync(path.join(PROJECT, 'skills', name), path.join(root, name), { recursive: true });
  await prepareAsShown();
  for (const name of [...Object.keys(services).filter((each) => services[each]?.build), 'redis'])
    ports[name] = (await deadAddress()).split(':')[1] as string;
  const url = path.join(folder, 'secrets', 'redis_url');
  writeFileSync(url, secretOf('redis_url').replace('redis:6379', `127.0.0.1:${ports['redis']}`));
  await up();
});

afterAll(lose);

test('what docs/production.md shows works, and a parked run survives the loss of the host', async () => {
  expect(await succeed(asShown('deploy'))).toMatch(/^deployed: |^deployment_unchanged: /m);
  await eventually(async () => expect(await problems()).toEqual([])); // the workers may have begun just now
  const [requester, approver] = await Promise.all([clientOf('ann', ['admin']), clientOf('bob', ['admin'])]);
  const first = await requester.runSkill('ops/first', { payload: ' a  b ', wait_seconds: 30 });
  expect(first).toMatchObject({ status: 'success' });
  const parked = await requester.runSkill('admin/delete_records', { payload: 'r-1', wait_seconds: 30 });
  expect(parked).toMatchObject({ status: 'awaiting_approval' });

  await lose();
  await up();
  await eventually(async () => expect(await problems()).toEqual([]));
  const runId = parked.run_id as string;
  expect(await requester.getRun(first.run_id as string)).toMatchObject({ status: 'success' });
  await approver.approveRun(runId, {}, { approvalToken: secretOf('approval_token') });
  await eventually(async () => expect(await requester.getRun(runId)).toMatchObject({ status: 'success' }));
});
