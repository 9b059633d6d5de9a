/** Real processes for tests. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tempFolder } from './temp-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** For tests that start dozens of processes, which take their time on a busy machine. */
export const PROCESSES_TIMEOUT_MS = 300_000;

export interface Spawned {
  readonly pid: number;
  /** Each line of stdout, parsed, in order. */
  readonly lines: readonly unknown[];
  /** Resolves when that many lines have come, or the process has ended. */
  untilLines(count: number): Promise<void>;
  kill(): void;
  /** Exit code; `null` when killed. */
  readonly ended: Promise<number | null>;
}

/** Bundles a TypeScript file into one that plain node runs, which starts ten times faster than through a loader. */
export async function bundledScript(source: URL): Promise<string> {
  const entry = fileURLToPath(source);
  const outfile = path.join(tempFolder(), `${path.basename(entry, '.ts')}.mjs`);
  await promisify(execFile)(path.join(root, 'node_modules', '.bin', 'esbuild'), [
    entry,
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--log-level=error',
    // CommonJS packages inside the bundle require Node's built-ins.
    '--banner:js=import{createRequire as cr}from"node:module";const require=cr(import.meta.url);',
    `--outfile=${outfile}`,
  ]);
  return outfile;
}

export function spawnLines(command: string, args: readonly string[]): Spawned {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: unknown[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    pid: child.pid as number,
    lines,
    untilLines: async (count) => {
      while (lines.length < count && child.exitCode === null && child.signalCode === null) {
        await Promise.race([once(reader, 'line'), ended]);
      }
    },
    kill: () => child.kill('SIGKILL'),
    ended,
  };
}
