/** Runs the engine of a root in this process until it is stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { requestEngine, findEngine } from '../../temporal-dev/client/engine-control.ts';
import { engineFiles, realRoot } from '../../temporal-dev/client/engine-record.ts';
import type { EngineFiles, EngineStatus } from '../../temporal-dev/client/engine-record.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import { assertWritable } from '../../adapters/storage/state-folders.ts';
import { withCode } from '../../adapters/skill-code/code-watch.ts';
import type { Config } from '../../core/settings/config.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { watchCatalog } from '../../temporal-dev/catalog-watch.ts';
import { Engine } from '../../temporal-dev/engine.ts';
import type { RunningServer } from '../../server/http/http-server.ts';
import type { CliContext } from '../context.ts';
import { VERSION } from '../version.ts';

interface DevEngine {
  readonly config: Config;
  readonly context: CliContext;
  readonly mode: 'background' | 'foreground';
  readonly servesJobs: boolean;
  readonly note: (line: string) => void;
  /** `apiUrl` is the address of the API; undefined for an engine in the background, which serves none. */
  readonly onReady: (status: EngineStatus, files: EngineFiles, apiUrl: string | undefined) => void;
}

const LOOK_EVERY_MS = 50;

/** Resolves when all its processes have ended. */
export async function runDevEngine(dev: DevEngine): Promise<void> {
  const { config, context, mode, servesJobs, note, onReady } = dev;
  if (config.production) {
    throw new SkillosError('engine_not_running', 'Production starts no local engine', {
      hint: 'Name the server with TEMPORAL_ADDRESS, and serve it: skillos worker',
    });
  }
  const root = await realRoot(config.root);
  assertWritable(root);
  const files = engineFiles(config, context.env, root);
  const say = mode === 'foreground' ? note : (line: string) => note(`${new Date().toISOString()} ${line}`);
  if (mode === 'foreground') await takeOver(files, note);
  const engine = new Engine({
    config,
    env: context.env,
    root,
    files,
    mode,
    servesJobs,
    version: VERSION,
    workerCommand: [process.execPath, packageFile('dist/skillos.mjs')],
    onLine: say,
  });
  const forget = stopOnInterrupt(engine, context, say);
  const isReady = await Promise.race([engine.start().then(() => true), engine.ended.then(() => false)]);
  if (!isReady) process.exit(EXIT.interrupted); // a download may still run, and nothing waits for it
  let api: RunningServer | undefined;
  try {
    api = mode === 'foreground' ? await openDevApi({ config, context, note }) : undefined;
    onReady(engine.status(), files, api?.url);
    const watched = withCode(openCatalog(config.root), config.root);
    const unwatch = mode === 'foreground' ? await watchCatalog(watched, note) : undefined;
    await engine.ended;
    unwatch?.();
  } finally {
    await api?.stop();
    await engine.stop();
    forget();
  }
}

/** Listens on the usual port if it is free. */
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

/** The first interrupt waits for running steps, the second ends all processes at once. */
function stopOnInterrupt(engine: Engine, context: CliContext, say: (line: string) => void): () => void {
  let count = 0;
  const onInterrupt = () => {
    count += 1;
    if (count > 1) engine.kill();
    else say('stopping: waiting for running steps; Ctrl-C again ends them at once');
    void engine.stop();
  };
  process.on('SIGHUP', onInterrupt); // the terminal was closed
  const forget = context.onInterrupt(onInterrupt);
  return () => {
    process.off('SIGHUP', onInterrupt);
    forget();
  };
}

/** Stops an engine in the background. Throws if it runs in another terminal. */
async function takeOver(files: EngineFiles, note: (line: string) => void): Promise<void> {
  const found = await findEngine(files);
  if (found === undefined) return;
  if (found.status.mode === 'foreground') {
    throw new SkillosError('already_exists', 'The engine of this root runs in another terminal', {
      hint: 'See it with: skillos dev status',
    });
  }
  note(`replacing the engine in the background (pid ${found.record.pid}); waiting for its running steps`);
  await requestEngine(found.record, 'POST /stop');
  while ((await findEngine(files)) !== undefined) await sleep(LOOK_EVERY_MS);
}
