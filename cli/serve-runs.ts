/** The worker process: adapters below, Temporal above, and an orderly end. */
import { resolve } from 'node:path';
import { openWorkerPorts } from '../activities/open-ports.ts';
import { connectWorker, createWorker } from '../activities/worker.ts';
import { openCatalog } from '../adapters/catalog.ts';
import { resolveTarget } from '../adapters/engine.ts';
import { dataConverterOf } from '../adapters/payload-codec.ts';
import { packageFile } from '../adapters/package.ts';
import { SETTINGS } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import { SkillosError } from '../core/errors.ts';
import { EXIT } from '../core/exit-codes.ts';
import type { ExitCode } from '../core/exit-codes.ts';
import type { CliContext } from './context.ts';

interface Serving {
  readonly config: Config;
  readonly context: CliContext;
  readonly note: (line: string) => void;
  readonly onPolling: (status: {
    readonly status: 'polling';
    readonly task_queue: string;
    readonly pid: number;
  }) => void;
}

/** Resolves when the worker has drained. */
export async function serveRuns(serving: Serving): Promise<ExitCode> {
  const { config, context, note } = serving;
  const { production, serverKey } = config;
  if (production && serverKey === undefined) throw unsafe();
  const root = resolve(config.root);
  const catalogs = openCatalog(config.root);
  await catalogs.fingerprint(); // a missing root is told before anything is connected
  const target = await resolveTarget({ config, env: context.env, root, onNote: note });
  const connection = await connectWorker({ address: target.address, ...target.connection }).catch(
    (error: unknown) => {
      throw new SkillosError('engine_unreachable', `Temporal does not answer at "${target.address}"`, {
        cause: error,
      });
    },
  );
  const ports = openWorkerPorts({
    config,
    root,
    environment: context.env,
    now: context.now,
    note,
    isGone: async (runId) => {
      const { isGone } = await import('../client/gone.ts');
      return isGone(connection, { namespace: target.namespace, runId });
    },
  });
  try {
    const worker = await createWorker({
      connection,
      namespace: target.namespace,
      taskQueue: target.taskQueue,
      workflowBundle: packageFile('dist/workflows.js'),
      concurrency: config.skillProcesses,
      dataConverter: dataConverterOf(config.payloadKey),
      ports,
    });
    const forget = context.onInterrupt(() => worker.shutdown());
    const running = worker.run();
    serving.onPolling({ status: 'polling', task_queue: target.taskQueue, pid: process.pid });
    await running;
    forget();
    return EXIT.ok;
  } finally {
    await ports.close();
    await connection.close();
  }
}

/** Without it anybody who reaches Temporal could run skills in any name. */
function unsafe(): SkillosError {
  const { variable, expected } = SETTINGS.serverKey;
  return new SkillosError('config_invalid', `Invalid ${variable}: expected ${expected} in production`, {
    details: { variable, expected },
    hint: 'skillos config',
  });
}
