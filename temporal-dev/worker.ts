/** Starts the worker process of a local engine, and resolves when it polls. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkillosError } from '../core/errors/errors.ts';
import { SETTINGS } from '../core/settings/settings.ts';
import type { SupervisedProcess } from './supervisor.ts';
import { errorIn, readFrom } from './logs.ts';
import { endOf, stopProcess } from './process.ts';

export interface WorkerOptions {
  /** Program and arguments; `worker --root <root> --json` is added. */
  readonly command: readonly string[];
  /** Serves the jobs queue besides the queue of runs. */
  readonly servesJobs: boolean;
  readonly root: string;
  readonly cwd: string;
  /** Settings and secrets are passed here only, never as arguments. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Appended to. */
  readonly logFile: string;
  /** Called before the worker polls, so that its pid is recorded in case this process is killed. */
  readonly onSpawn: (pid: number) => Promise<void>;
}

const POLLING = /"status":\s*"polling"/;
const POLLING_TIMEOUT_MS = 30_000;
/** A worker drains for 30 s at most. */
const DRAIN_TIMEOUT_MS = 35_000;
const MAX_STDOUT_CHARS = 65_536;

/** Resolves when the worker polls; rejects with `engine_failed` if it ends or does not poll within 30 s. */
export async function startWorker(options: WorkerOptions): Promise<SupervisedProcess> {
  const [program = '', ...args] = options.command;
  const log = await open(options.logFile, 'a', 0o600);
  const { size: begin } = await log.stat();
  const queues = options.servesJobs ? ['--queue', 'runs', '--queue', 'jobs'] : [];
  const child = spawn(program, [...args, 'worker', '--root', options.root, '--json', ...queues], {
    cwd: options.cwd,
    env: { ...options.env, [SETTINGS.workerVersioning.variable]: '0' }, // the engine replaces its worker by another build
    stdio: ['ignore', 'pipe', log.fd],
    // In a session of its own: the terminal's Ctrl-C must not reach it before the engine asks it to drain.
    detached: true,
  });
  const ended = endOf(child);
  await log.close();
  if (child.pid !== undefined) await options.onSpawn(child.pid);
  const stop = () => stopProcess(child, ended, DRAIN_TIMEOUT_MS);
  const timer = new AbortController();
  const timeout = sleep(POLLING_TIMEOUT_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  const isPolling = await Promise.race([untilPolling(child), ended.then(() => false), timeout]);
  timer.abort();
  if (isPolling === true && child.pid !== undefined) return { pid: child.pid, ended, stop };
  child.kill('SIGKILL');
  const { reason } = await ended;
  const printed = (await readFrom(options.logFile, begin)).trim();
  const error = errorIn(printed) ?? printed.split('\n').at(-1);
  throw new SkillosError('engine_failed', `The worker of the local engine did not start: ${error || reason}`);
}

function untilPolling(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      // Read as long as the worker runs: a full pipe would block it.
      text = (text + chunk).slice(-MAX_STDOUT_CHARS);
      if (POLLING.test(text)) resolve(true);
    });
  });
}
