/** Starts the worker process of a local engine and says when it polls. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SkillosError } from '../core/errors.ts';
import type { KeptProcess } from './keeper.ts';
import { readFrom } from './logs.ts';
import { endOf, stopProcess } from './process.ts';

export interface WorkerOptions {
  /** Program and arguments; `worker --root <root> --json` is added. */
  readonly command: readonly string[];
  readonly root: string;
  readonly cwd: string;
  /** Settings and secrets go this way only, never as arguments. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Appended to. */
  readonly logFile: string;
  /** Before it polls: who would have to end it if we were killed meanwhile. */
  readonly onSpawn: (pid: number) => Promise<void>;
}

const POLLING = /"status":\s*"polling"/;
const POLLING_TIMEOUT_MS = 30_000;
/** A worker drains for 30 s at most. */
const DRAIN_TIMEOUT_MS = 35_000;
const MAX_STDOUT_CHARS = 65_536;

/** Resolves when the worker polls; rejects with `engine_failed` where it ends or keeps silent for 30 s. */
export async function startWorker(options: WorkerOptions): Promise<KeptProcess> {
  const [program = '', ...args] = options.command;
  const log = await open(options.logFile, 'a', 0o600);
  const { size: begin } = await log.stat();
  const child = spawn(program, [...args, 'worker', '--root', options.root, '--json'], {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', log.fd],
    // In a session of its own: the terminal's Ctrl-C must not reach it before it is told to drain.
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
  const said = (await readFrom(options.logFile, begin)).trim().split('\n');
  const error = said.findLast((line) => line.startsWith('Error: '))?.slice('Error: '.length) ?? said.at(-1);
  throw new SkillosError(
    'engine_failed',
    `The worker of the local engine does not start: ${error || reason}`,
  );
}

function untilPolling(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      // Read to the end of its life: a full pipe would stop it.
      text = (text + chunk).slice(-MAX_STDOUT_CHARS);
      if (POLLING.test(text)) resolve(true);
    });
  });
}
