/** Runs the engine of a root in this process until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '../adapters/catalog.ts';
import { askEngine, findEngine } from '../adapters/engine-control.ts';
import { engineFiles, realRoot } from '../adapters/engine-record.ts';
import type { EngineFiles, EngineStatus } from '../adapters/engine-record.ts';
import { packageFile } from '../adapters/package.ts';
import type { Config } from '../core/config.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import { EXIT } from '../core/exit-codes.ts';
import { watchCatalog } from '../temporal-dev/catalog-watch.ts';
import { Engine } from '../temporal-dev/engine.ts';
import type { RunningServer } from '../server/http-server.ts';
import type { CliContext } from './context.ts';
import { VERSION } from './version.ts';

interface DevEngine {
  readonly config: Config;
  readonly context: CliContext;
  readonly mode: 'background' | 'foreground';
  readonly note: (line: string) => void;
  /** `apiUrl`: where the API listens; an engine in the background serves none. */
  readonly onReady: (status: EngineStatus, files: EngineFiles, apiUrl: string | undefined) => void;
}

const LOOK_EVERY_MS = 50;

/** Resolves when all its processes have ended. */
export async function runDevEngine({ config, context, mode, note, onReady }: DevEngine): Promise<void> {
  if (config.production) {
    throw new SkillosError('engine_not_running', 'In production no local engine is used', {
      hint: 'Name the server with TEMPORAL_ADDRESS, and serve it: skillos worker',
    });
  }
  const root = await realRoot(config.root);
  const files = engineFiles(config, context.env, root);
  const say = mode === 'foreground' ? note : (line: string) => note(`${new Date().toISOString()} ${line}`);
  if (mode === 'foreground') await takeOver(files, note);
  const engine = new Engine({
    config,
    env: context.env,
    root,
    files,
    mode,
    version: VERSION,
    workerCommand: [process.execPath, packageFile('dist/skillos.mjs')],
    onLine: say,
  });
  const forget = stopOnInterrupt(engine, context, say);
  const isReady = await Promise.race([engine.start().then(() => true), engine.ended.then(() => false)]);
  if (!isReady) process.exit(EXIT.interrupted); // a download may still be under way, and nobody waits for it
  let api: RunningServer | undefined;
  try {
    api = mode === 'foreground' ? await openDevApi({ config, context, note }) : undefined;
    onReady(engine.status(), files, api?.url);
    const unwatch = mode === 'foreground' ? await watchCatalog(openCatalog(config.root), note) : undefined;
    await engine.ended;
    unwatch?.();
  } finally {
    await api?.stop();
    await engine.stop();
    forget();
  }
}

/** On its usual port where that is free. */
async function openDevApi(given: Pick<DevEngine, 'config' | 'context' | 'note'>): Promise<RunningServer> {
  const { openApi } = await import('./serve-api.ts');
  const { apiHost: host, apiPort: port } = given.config;
  try {
    return await openApi({ ...given, host, port });
  } catch (error) {
    if (!isSkillosError(error, 'address_in_use')) throw error;
    return openApi({ ...given, host, port: 0 });
  }
}

/** The first interrupt drains, the second ends at once. */
function stopOnInterrupt(engine: Engine, context: CliContext, say: (line: string) => void): () => void {
  let count = 0;
  const onInterrupt = () => {
    count += 1;
    if (count > 1) engine.kill();
    else say('stopping: running steps may end; once more ends them at once');
    void engine.stop();
  };
  process.on('SIGHUP', onInterrupt); // the terminal was closed
  const forget = context.onInterrupt(onInterrupt);
  return () => {
    process.off('SIGHUP', onInterrupt);
    forget();
  };
}

/** Ends an engine in the background; one in another terminal is left alone and reported. */
async function takeOver(files: EngineFiles, note: (line: string) => void): Promise<void> {
  const found = await findEngine(files);
  if (found === undefined) return;
  if (found.status.mode === 'foreground') {
    throw new SkillosError('already_exists', 'The engine of this root runs in another terminal', {
      hint: 'See it with: skillos dev status',
    });
  }
  note(
    `taking over from the engine in the background (pid ${found.record.pid}); running steps may end first`,
  );
  await askEngine(found.record, 'POST /stop');
  while ((await findEngine(files)) !== undefined) await sleep(LOOK_EVERY_MS);
}
