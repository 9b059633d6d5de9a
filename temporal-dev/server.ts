/** Starts a Temporal development server tuned for short runs, and resolves when it answers. */
import { spawn } from 'node:child_process';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { isErrno } from '../adapters/files/files.ts';
import type { Environment } from '../core/settings/config.ts';
import { SkillosError } from '../core/errors/errors.ts';
import { SEARCH_ATTRIBUTES } from '../core/runs/search-attributes.ts';
import { readFrom } from './logs.ts';
import { freePort } from './free-port.ts';
import { endOf, stopProcess } from './process.ts';
import type { ProcessEnd } from './process.ts';
import { registerSearchAttributes } from './search-attributes.ts';

export interface ServerOptions {
  readonly binary: string;
  /** Only PATH, HOME, TMPDIR and TZ are passed to the server: no settings, no secrets. */
  readonly env: Environment;
  readonly namespace: string;
  /** Appended to. */
  readonly logFile: string;
  /** SQLite file; without one the server keeps its state in memory. */
  readonly dbFile?: string;
  /** Default 7233; another port is chosen if it is taken; 0 for any. */
  readonly port?: number;
  /** Default 8233, like `port`. */
  readonly uiPort?: number;
  /** Loopback address of the Web UI; default 127.0.0.1. */
  readonly uiHost?: string;
  /** Tried next if `port` is taken. */
  readonly fallbackPort?: number | undefined;
  /** In a session of its own, so that the terminal's Ctrl-C does not reach it. */
  readonly detached?: boolean;
  readonly onNote?: (line: string) => void;
  /** Called before the server answers, so that its pid is recorded in case this process is killed. */
  readonly onSpawn?: (process: Ports & { readonly pid: number }) => Promise<void>;
}

export interface TemporalServer extends Ports {
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  /** Resolves when the process has ended, by `stop` or by itself. */
  readonly ended: Promise<ProcessEnd>;
  stop(): Promise<void>;
}

export interface Ports {
  readonly port: number;
  readonly uiPort: number;
}

const HOST = '127.0.0.1';
export const DEFAULT_PORTS: Ports = { port: 7233, uiPort: 8233 };
const ATTEMPTS = 8;
const READY_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 20;
const STOP_TIMEOUT_MS = 10_000;

const DYNAMIC_CONFIG = [
  // A shard polls its queues 20 times a second by default, so every task of a burst would wait 50 ms.
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=2000',
  // Timers fire up to this late, by default a second, in case clocks of several hosts differ.
  'history.timerProcessorMaxTimeShift="10ms"',
  // Priorities of jobs are exact on one partition only, and fairness between tenants is off by default.
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  // Switches off the HTTP API, which listens on a port of its own and answers every web page. Nobody's DNS serves this
  // host: RFC 6761 section 6.4.
  'frontend.httpAllowedHosts=["none.invalid"]',
];
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=normal'];
const CLI_TYPES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList' } as const;
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ'];
const UNREADABLE =
  /not a database|image is malformed|malformed database|unsupported file format|schema version/i;

/**
 * Starts the server and registers our search attributes on its namespace, which an older database may lack. Rejects as
 * `startTemporalServer` and `registerSearchAttributes` do; the server has been stopped then.
 */
export async function startServerWithAttributes(options: ServerOptions): Promise<TemporalServer> {
  const server = await startTemporalServer(options);
  try {
    const { address } = server;
    const connection = await Connection.connect({ address, connectTimeout: ANSWER_TIMEOUT_MS });
    await registerSearchAttributes(connection, options.namespace).finally(() => connection.close());
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Resolves when the server answers; rejects with `engine_failed` if it does not within 30 s. */
export async function startTemporalServer(options: ServerOptions): Promise<TemporalServer> {
  const { port = DEFAULT_PORTS.port, fallbackPort = port, uiPort = DEFAULT_PORTS.uiPort } = options;
  let wanted = { ports: [port, fallbackPort], uiPorts: [uiPort] };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const ports = { port: await freePort(wanted.ports), uiPort: await freePort(wanted.uiPorts) };
    const outcome = await tryToStart(options, ports);
    if (outcome === 'ports-taken') wanted = { ports: [], uiPorts: [] };
    else if (outcome === 'database-unreadable') await moveAside(options);
    else return outcome;
  }
  throw new SkillosError('engine_failed', `The Temporal server did not start in ${ATTEMPTS} attempts`);
}

async function tryToStart(
  options: ServerOptions,
  ports: Ports,
): Promise<TemporalServer | 'ports-taken' | 'database-unreadable'> {
  const log = await open(options.logFile, 'a', 0o600);
  const { size: begin } = await log.stat();
  const child = spawn(options.binary, argumentsOf(options, ports), {
    env: Object.fromEntries(PASSED_ON.map((name) => [name, options.env[name]])),
    stdio: ['ignore', log.fd, log.fd],
    detached: options.detached ?? false,
  });
  const ended = endOf(child);
  await log.close();
  if (child.pid !== undefined) await options.onSpawn?.({ ...ports, pid: child.pid });
  const stop = () => stopProcess(child, ended, STOP_TIMEOUT_MS);
  const readLog = () => readFrom(options.logFile, begin);
  const address = `${HOST}:${ports.port}`;
  const uiUrl = `http://${options.uiHost ?? HOST}:${ports.uiPort}`;
  const isOver = ended.then(() => false);
  const isReady = (await untilReady(readLog, isOver)) && (await answers(address));
  if (isReady && child.pid !== undefined) {
    return { address, uiUrl, ...ports, pid: child.pid, ended, stop };
  }
  await stop();
  const text = await readLog();
  if (text.includes('address already in use')) return 'ports-taken';
  if (options.dbFile !== undefined && UNREADABLE.test(text)) return 'database-unreadable';
  const { reason } = await ended;
  throw new SkillosError('engine_failed', `The Temporal server did not come up: ${lastLine(text) || reason}`);
}

function argumentsOf(options: ServerOptions, ports: Ports): string[] {
  const repeat = (flag: string, values: readonly string[]) => values.flatMap((value) => [flag, value]);
  const attributes = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${CLI_TYPES[type]}`);
  const file = options.dbFile;
  return [
    'server',
    'start-dev',
    '--disable-config-file',
    '--ui-disable-news-fetch',
    '--log-level=warn',
    `--ip=${HOST}`,
    `--ui-ip=${options.uiHost ?? HOST}`,
    `--port=${ports.port}`,
    `--ui-port=${ports.uiPort}`,
    `--namespace=${options.namespace}`,
    ...repeat('--dynamic-config-value', DYNAMIC_CONFIG),
    // Only a new database reads these; registerSearchAttributes adds them to an existing one.
    ...repeat('--search-attribute', attributes),
    ...(file === undefined ? [] : [`--db-filename=${file}`, ...repeat('--sqlite-pragma', SQLITE_PRAGMAS)]),
  ];
}

/** Waits for the ready line in the server's own log, because another server could answer on the same port. */
async function untilReady(log: () => Promise<string>, isOver: Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await log()).includes('Temporal Server:')) {
    const isAlive = await Promise.race([sleep(POLL_INTERVAL_MS, true), isOver]);
    if (!isAlive || performance.now() > deadline) return false;
  }
  return true;
}

/** True if the address answers GetSystemInfo. */
async function answers(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: ANSWER_TIMEOUT_MS });
    await connection.close();
    return true;
  } catch {
    return false; // the reason is in the server's log
  }
}

async function moveAside({ dbFile = '', onNote }: ServerOptions): Promise<void> {
  const suffix = `unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const part of ['', '-wal', '-shm']) {
    try {
      await rename(`${dbFile}${part}`, `${dbFile}.${suffix}${part}`);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }
  const kept = `${path.basename(dbFile)}.${suffix}`;
  onNote?.(
    `WARNING: the database of the local engine cannot be read: kept as ${kept}, started with a new one`,
  );
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, 500);
}
