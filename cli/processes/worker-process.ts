/** Opens the connection to Temporal and the ports of the activities, for a process that runs workers. */
import { resolve } from 'node:path';
import { openWorkerPorts } from '../../activities/open-ports.ts';
import { connectWorker, createWorker, settleEndedRuns } from '../../activities/worker.ts';
import type { WorkerOptions } from '../../activities/worker.ts';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { serverKeyOf } from '../../adapters/machine/engine-key.ts';
import { startServing } from '../../adapters/storage/serving.ts';
import { assertWritable } from '../../adapters/storage/state-folders.ts';
import { resolveTarget } from '../../temporal-dev/client/target.ts';
import type { Target } from '../../temporal-dev/client/target.ts';
import { shownVariables } from '../../adapters/machine/own-environment.ts';
import { openTracing } from '../../adapters/telemetry/otel/tracing.ts';
import { requireServerKey, servedRoot } from '../../core/settings/config.ts';
import type { Config } from '../../core/settings/config.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { openBuild, refuseUnreplayable, workflowCode } from './worker-build.ts';
import type { WorkerBuild } from './worker-build.ts';
import { stopWhenRefused } from './stop-when-refused.ts';
import type { WorkerTelemetry } from './worker-metrics.ts';
import type { CliContext } from '../context.ts';

export interface WorkerSource {
  readonly config: Config;
  readonly context: CliContext;
  readonly note: (line: string) => void;
  readonly connectorCalled?: WorkerTelemetry['connectorCalled'] | undefined;
}

type Worker = Awaited<ReturnType<typeof createWorker>>;

export interface WorkerProcess {
  readonly target: Target;
  readonly build: WorkerBuild;
  /** `concurrency` is that of the settings unless it is given. */
  open(
    queue: Pick<WorkerOptions, 'taskQueue' | 'watch' | 'limit'> & {
      readonly concurrency?: number | undefined;
    },
  ): Promise<Worker>;
  /** Charges runs whose worker was lost before it charged them. */
  settleEndedRuns(): Promise<void>;
  /** Call it when all workers have drained. */
  close(): Promise<void>;
}

/** `mayBeFirst` is true for a worker that stays and serves runs: its build may become the first current one. */
export async function openWorkerProcess(
  source: WorkerSource,
  { mayBeFirst }: { readonly mayBeFirst: boolean },
): Promise<WorkerProcess> {
  const { context, note } = source;
  requireServerKey(source.config);
  warnOfShownVariables(note);
  const root = resolve(source.config.root);
  await openCatalog(root).fingerprint(); // a missing root is reported before anything is connected
  assertWritable(root);
  const config = { ...source.config, serverKey: serverKeyOf(source.config, context.env)?.() };
  const target = await resolveTarget({ config, env: context.env, root, onNote: note });
  const connection = await connectTo(target);
  await refuseUnreplayable({ config, target, connection, note }).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  const { isRunClosed } = await import('../../client/temporal/connection.ts');
  const tracing = await openTracing(config, { note });
  const ports = openWorkerPorts({
    config,
    root,
    environment: context.env,
    now: context.now,
    note,
    connectorCalled: source.connectorCalled,
    tracing,
    isGone: (runId) => isRunClosed(connection, { namespace: target.namespace, runId }),
  });
  const disconnect = async (): Promise<void> => {
    await ports.close();
    await connection.close();
    await tracing?.close();
  };
  const serving = await startServing(
    ports,
    { role: 'worker', ...servedRoot(config) },
    stopWhenRefused(note),
  ).catch(async (error: unknown) => {
    await disconnect();
    throw error;
  });
  const close = async (): Promise<void> => {
    await serving.close();
    await disconnect();
  };
  const build = await openBuild({ config, target, connection, ports, note, mayBeFirst }).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  return {
    target,
    build,
    open: opening(config, { connection, namespace: target.namespace, ports, build }),
    settleEndedRuns: () => settleEndedRuns(ports),
    close,
  };
}

function opening(
  config: Config,
  {
    build,
    ...shared
  }: Pick<WorkerOptions, 'connection' | 'namespace' | 'ports'> & { readonly build: WorkerBuild },
): WorkerProcess['open'] {
  return ({ concurrency = config.skillProcesses, ...queue }) =>
    createWorker({
      ...shared,
      ...workflowCode(config),
      buildId: build.id,
      version: build.version,
      concurrency,
      ...queue,
    });
}

function warnOfShownVariables(note: WorkerSource['note']): void {
  const shown = shownVariables();
  if (shown.length > 0)
    note(`WARNING: skills can read ${shown.join(', ')} in /proc: the kernel keeps it from being hidden`);
}

async function connectTo({ address, namespace, connection: options }: Target) {
  const connection = await connectWorker({ address, ...options }).catch((cause: unknown) => {
    throw new SkillosError('engine_unreachable', `Temporal does not answer at "${address}"`, { cause });
  });
  const { namespaceId } = await import('../../client/temporal/connection.ts');
  // A worker of the SDK that finds no namespace leaves a thread behind, which keeps the process from ending.
  await namespaceId(connection, namespace).catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  return connection;
}
