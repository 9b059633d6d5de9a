/** Local engines for tests: one root and one state folder each, and none outlives its test file. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseRootConfig } from '../../adapters/catalog/root-settings-file.ts';
import { findEngine } from '../../temporal-dev/client/engine-control.ts';
import { engineFiles } from '../../temporal-dev/client/engine-record.ts';
import type { EngineFiles } from '../../temporal-dev/client/engine-record.ts';
import { ensureEngine } from '../../temporal-dev/client/local-engine.ts';
import type { EngineInfo } from '../../temporal-dev/client/local-engine.ts';
import { parseConfig } from '../../core/settings/config.ts';
import { stopEngine } from '../../temporal-dev/stop.ts';

const bundles: string[] = [];
const made: { readonly files: EngineFiles; readonly folder: string }[] = [];

afterAll(async () => {
  await Promise.all(made.map(({ files }) => stopEngine(files)));
  const leftovers = [...bundles.splice(0), ...made.splice(0).map(({ folder }) => folder)];
  for (const leftover of leftovers) rmSync(leftover, { recursive: true, force: true });
});

export interface TestEngine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly root: string;
  readonly files: EngineFiles;
  readonly notes: string[];
  /** What a command does, with these settings in its environment. */
  ensure(settings?: Readonly<Record<string, string>>): Promise<EngineInfo>;
  pids(): Promise<EnginePids>;
  stop(): Promise<void>;
}

interface EnginePids {
  readonly engine: number;
  readonly server: number;
  readonly worker: number;
}

/** Program and arguments of the engine's process, from the sources as they are. */
export async function engineCommand(): Promise<readonly string[]> {
  return [process.execPath, await bundledWithPackages(new URL('engine-process.ts', import.meta.url))];
}

/** Like `bundledScript`, for code that needs CommonJS packages, and the build that lies in the package. */
export async function bundledWithPackages(source: URL): Promise<string> {
  const top = fileURLToPath(new URL('../..', import.meta.url));
  const entry = fileURLToPath(source);
  const name = `${path.basename(entry, '.ts')}-${process.pid}.mjs`;
  const outfile = path.join(top, 'node_modules', '.cache', 'skillos-tests', name);
  await promisify(execFile)(path.join(top, 'node_modules', '.bin', 'esbuild'), [
    entry,
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
  // Not `tempFolder`: an engine must be stopped before its folder is removed.
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'skillos-engine-')));
  const root = path.join(folder, 'root');
  mkdirSync(root);
  const env = {
    ...process.env,
    SKILLOS_STATE_DIR: path.join(folder, 'state'),
    TEST_WORKER: fileURLToPath(new URL('polling-worker.mjs', import.meta.url)),
    ...settings,
  };
  const files = engineFiles(parseConfig(env), env, root);
  made.push({ files, folder });
  const notes: string[] = [];
  return {
    env,
    root,
    files,
    notes,
    ensure(more = {}) {
      const all = { ...env, ...more };
      return ensureEngine({
        config: parseRootConfig(all, root),
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

/** Whether the process runs; one that only waits to be collected does not. */
export function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
