/** The CLI as users run it: a process of its own, from the built program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../../adapters/machine/package.ts';
import type { CliResult } from './run-cli.ts';

export interface ProcessOptions {
  /** The whole environment, empty by default: nothing is taken over from this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
  /** Default: the built program of this project. */
  readonly program?: string;
  /** Default: SKILLOS_TEST_NODE, otherwise the Node of the tests. */
  readonly node?: string;
  /** Then it is killed, and `ended` rejects. Default two minutes, for a busy machine. */
  readonly timeoutMs?: number;
}

export interface SkillosProcess {
  readonly pid: number;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the match once the stream shows it; rejects where the process ends without. */
  until(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
  /** A process that was killed has code -1. */
  readonly ended: Promise<CliResult & { readonly tookMs: number }>;
}

/** Runs a command to its end. */
export function skillos(argv: readonly string[], options: ProcessOptions = {}): SkillosProcess['ended'] {
  return startSkillos(argv, options).ended;
}

export function startSkillos(argv: readonly string[], options: ProcessOptions = {}): SkillosProcess {
  const began = performance.now();
  const node = options.node ?? process.env['SKILLOS_TEST_NODE'] ?? process.execPath;
  const child = spawn(node, [options.program ?? packageFile('dist/skillos.mjs'), ...argv], {
    env: options.env ?? {},
    cwd: options.cwd,
    stdio: 'pipe',
  });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (written[stream] += text));
  }
  child.stdin.on('error', () => undefined); // a command that does not read its input closes it
  child.stdin.end(options.stdin ?? '');
  const limitMs = options.timeoutMs ?? 120_000;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  const ended = once(child, 'close').then(([code]) => {
    clearTimeout(timer);
    if (isLate) throw new Error(`skillos ${argv.join(' ')} took over ${limitMs} ms: ${written.stderr}`);
    return { code: (code as number | null) ?? -1, ...written, tookMs: performance.now() - began };
  });
  ended.catch(() => undefined); // whoever awaits it gets the reason
  return {
    pid: child.pid as number,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    ended,
    signal: (signal) => void child.kill(signal),
    async until(stream, pattern) {
      for (;;) {
        const match = pattern.exec(written[stream]);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`skillos ${argv.join(' ')} ended without ${pattern}: ${JSON.stringify(written)}`);
        }
        await Promise.race([once(child[stream], 'data'), once(child, 'close')]);
      }
    },
  };
}

/** A worker that polls; SIGTERM ends it. */
export async function startWorkerProcess(env: Readonly<Record<string, string>>): Promise<SkillosProcess> {
  const worker = startSkillos(['worker', '--json'], { env, timeoutMs: 1_800_000 });
  await worker.until('stdout', /"status":"polling"/);
  return worker;
}
