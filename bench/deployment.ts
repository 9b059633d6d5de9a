/** The built processes of a deployment, for benchmarks that measure them from outside. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../adapters/machine/package.ts';
import { parseConfig } from '../core/settings/config.ts';
import { resolveTemporalBinary } from '../temporal-dev/binary.ts';
import { startServerWithAttributes } from '../temporal-dev/server.ts';

const LANES = 16;

/**
 * Preloaded into our processes: collects garbage and answers with the bytes in use, buffers included. A signal would not do:
 * the SDK of workers takes SIGUSR2 for the order to shut down.
 */
const REPORT = `if (process.channel) {
  process.on('message', () => {
    gc(); gc();
    const { heapUsed, external } = process.memoryUsage();
    process.send(heapUsed + external);
  });
  process.channel.unref();
}`;

export interface Place {
  readonly root: string;
  /** Of the Temporal server. */
  readonly address: string;
  /** Default: that of the settings. */
  readonly taskQueue?: string;
  /** More of the environment. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts processes of the built program, with room in the budget for all runs of a benchmark. */
export function starterOf({ root, address, taskQueue, settings = {} }: Place) {
  const preload = `data:text/javascript,${encodeURIComponent(REPORT)}`;
  const env = {
    SKILLOS_ROOT: root,
    SKILLOS_CACHE_DIR: join(root, '.cache'),
    SKILLOS_RATE_LIMIT_ENABLED: '0',
    SKILLOS_BUDGET_DAILY: '1000000',
    SKILLOS_BUDGET_MONTHLY: '1000000',
    TEMPORAL_ADDRESS: address,
    ...(taskQueue === undefined ? {} : { SKILLOS_TASK_QUEUE: taskQueue }),
    ...settings,
  };
  return (...argv: readonly string[]): ChildProcess =>
    spawn(process.execPath, ['--expose-gc', '--import', preload, packageFile('dist/skillos.mjs'), ...argv], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
}

export async function firstLine({ stdout }: ChildProcess): Promise<string> {
  const [line] = (await once(stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return line.toString();
}

/** With a database file, as the local engine starts it. */
export async function startTemporal(root: string) {
  const { env } = process;
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  return startServerWithAttributes({
    binary: await resolveTemporalBinary({ config: parseConfig(env), env, onProgress }),
    env,
    namespace: 'default',
    logFile: join(root, 'temporal.log'),
    dbFile: join(root, 'temporal.db'),
    port: 0,
    uiPort: 0,
  });
}

export interface Api {
  readonly url: string;
  readonly post: (path: string, body?: object) => Promise<{ readonly run_id: string }>;
}

/** `line` is what `skillos serve` prints first. */
export function apiOf(line: string): Api {
  const url = /http:\S+/.exec(line)?.[0] ?? '';
  return {
    url,
    async post(path, body = {}) {
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${path} answers ${reply.status}: ${text}`);
      return JSON.parse(text) as { readonly run_id: string };
    },
  };
}

/** Does the work so many times, 16 at once. */
export async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next++ < times) await work();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Bytes of a process of `starterOf` after a garbage collection, buffers included. */
export async function heapOf(child: ChildProcess): Promise<number> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`The process has ended: ${child.spawnargs.join(' ')}`);
  });
  child.send('report');
  try {
    const [heap] = (await Promise.race([once(child, 'message', { signal }), ended])) as [number];
    return heap;
  } finally {
    answered.abort();
  }
}

/** Reads proc(5); Linux counts CPU time in hundredths of a second. */
export function systemSampleOf(pid: number): { readonly resident: number; readonly cpu: number } {
  const resident = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return { resident: Number(resident) * 1024, cpu: (Number(fields[11]) + Number(fields[12])) / 100 };
}
