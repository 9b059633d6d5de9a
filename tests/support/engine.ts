/** Local engines for tests: one root and one state folder each, and none outlives its test file. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findEngine } from '../../adapters/engine-control.ts';
import { engineFiles } from '../../adapters/engine-record.ts';
import type { EngineFiles } from '../../adapters/engine-record.ts';
import { ensureEngine } from '../../adapters/local-engine.ts';
import type { EngineInfo } from '../../adapters/local-engine.ts';
import { parseConfig } from '../../core/config.ts';
import { stopEngine } from '../../temporal-dev/stop.ts';
import { tempFolder } from './temp-folder.ts';

const bundles: string[] = [];

afterAll(() => {
  for (const bundle of bundles.splice(0)) rmSync(bundle, { force: true });
});

export interface TestEngine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly root: string;
  readonly files: EngineFiles;
  readonly notes: string[];
  /** What a command does, with these settings on top. */
  ensure(settings?: Readonly<Record<string, string>>): Promise<EngineInfo>;
  pids(): Promise<EnginePids>;
  stop(): Promise<void>;
}

export interface EnginePids {
  readonly engine: number;
  readonly server: number;
  readonly worker: number;
}

/** Program and arguments of the engine's process, from the sources as they are. */
export async function engineCommand(): Promise<readonly string[]> {
  return [process.execPath, await bundledWithPackages('engine-process.ts')];
}

/** Like `bundledScript`, for code that needs CommonJS packages, and the build that lies in the package. */
export async function bundledWithPackages(name: string): Promise<string> {
  const top = fileURLToPath(new URL('../..', import.meta.url));
  const outfile = path.join(
    top,
    'node_modules',
    '.cache',
    'skillos-tests',
    name.replace('.ts', `-${process.pid}.mjs`),
  );
  await promisify(execFile)(path.join(top, 'node_modules', '.bin', 'esbuild'), [
    fileURLToPath(new URL(name, import.meta.url)),
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--log-level=error',
    '--banner:js=import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);',
    `--outfile=${outfile}`,
  ]);
  bundles.push(outfile);
  return outfile;
}

export function testEngine(
  command: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): TestEngine {
  const root = tempFolder();
  const env = {
    ...process.env,
    SKILLOS_STATE_DIR: tempFolder(),
    TEST_WORKER: fileURLToPath(new URL('polling-worker.mjs', import.meta.url)),
    ...settings,
  };
  const files = engineFiles(parseConfig(env), env, root);
  const notes: string[] = [];
  return {
    env,
    root,
    files,
    notes,
    ensure(more = {}) {
      const all = { ...env, ...more };
      return ensureEngine({
        config: parseConfig(all),
        env: all,
        root,
        onNote: (line) => notes.push(line),
        command,
      });
    },
    async pids() {
      const found = await findEngine(files);
      return {
        engine: found?.status.pid ?? 0,
        server: found?.status.server?.pid ?? 0,
        worker: found?.status.worker.pid ?? 0,
      };
    },
    async stop() {
      await stopEngine(files);
    },
  };
}

/** Resolves when the condition holds; the test's own timeout is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** Whether the process runs; one that only waits to be collected does not. */
export function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
