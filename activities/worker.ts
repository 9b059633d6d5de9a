/** A Temporal worker that serves runs. */
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type {
  NativeConnectionOptions,
  ReplayHistoriesIterable,
  WorkerOptions as SdkOptions,
} from '@temporalio/worker';
import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import { withAuthority } from './authority/admission.ts';
import { createActivities } from './index.ts';
import type { WorkerPorts } from './ports.ts';
import { withEvents } from './telemetry.ts';
import { withWatch } from './jobs/watch.ts';
import type { ActivityWatch } from './jobs/watch.ts';
import { limitedSlots } from './jobs/limited-slots.ts';
import type { JobLimit } from './jobs/limited-slots.ts';

/** Time for running steps to end after a shutdown was requested; then they are cancelled. */
const SHUTDOWN_GRACE_MS = 25_000;

/** Tasks that a lost worker holds wait until they time out, so it takes only a few. */
const WORKFLOW_SLOTS = 16;
const LOCAL_ACTIVITY_SLOTS = 100;

/** After this time workflow tasks of a worker that does not answer are given to other workers. */
const STICKY_TIMEOUT_MS = 3000;

/** Work of the process of a worker beside its tasks. */
export { settleEndedRuns } from './reservation.ts';

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Path of the bundled workflow code. */
  readonly workflowBundle: string;
  /** Number of steps that run at once. */
  readonly concurrency: number;
  readonly ports: WorkerPorts;
  /** By which Temporal knows the workflow code if there is no versioning; if undefined, the SDK's own id. */
  readonly buildId?: string | undefined;
  /** Keeps runs on workers of the build that began them; undefined without versioning. */
  readonly version?: WorkerDeploymentVersion | undefined;
  readonly dataConverter?: DataConverter;
  readonly watch?: ActivityWatch;
  /** Limit for the jobs that are taken; none if undefined. */
  readonly limit?: JobLimit | undefined;
}

export function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: { codePath: options.workflowBundle },
    activities: withWatch(
      withAuthority(withEvents(createActivities(options.ports), options.ports), options.ports),
      options.watch,
    ),
    ...(options.dataConverter === undefined ? {} : { dataConverter: options.dataConverter }),
    ...versioningOf(options),
    ...slotsOf(options),
    maxCachedWorkflows: 500,
    maxHeartbeatThrottleInterval: '1s',
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_GRACE_MS + 4000,
  });
}

function versioningOf({
  buildId,
  version,
}: WorkerOptions): Pick<SdkOptions, 'buildId' | 'workerDeploymentOptions'> {
  if (version === undefined) return buildId === undefined ? {} : { buildId };
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  };
}

function slotsOf({ concurrency, limit }: WorkerOptions): Partial<SdkOptions> {
  if (limit === undefined) {
    return {
      maxConcurrentActivityTaskExecutions: concurrency,
      maxConcurrentWorkflowTaskExecutions: WORKFLOW_SLOTS,
    };
  }
  return {
    tuner: {
      workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: WORKFLOW_SLOTS },
      activityTaskSlotSupplier: limitedSlots(concurrency, limit),
      localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: LOCAL_ACTIVITY_SLOTS },
      nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
    },
  };
}

/**
 * Resolves to the first of the histories that the workflow code does not continue, with the reason. Source: Temporal's rule that
 * workflow code is deterministic.
 */
export async function findUnreplayable(
  code: Pick<WorkerOptions, 'workflowBundle' | 'dataConverter'>,
  histories: ReplayHistoriesIterable,
): Promise<{ readonly runId: string; readonly reason: string } | undefined> {
  const { workflowBundle, dataConverter } = code;
  const options = {
    workflowBundle: { codePath: workflowBundle },
    ...(dataConverter === undefined ? {} : { dataConverter }),
  };
  for await (const { workflowId: runId, error } of Worker.runReplayHistories(options, histories))
    if (error !== undefined) return { runId, reason: reasonOf(error) };
  return undefined;
}

/** The SDK's sentence about the history is within a dump of its own failure. */
function reasonOf({ message }: Error): string {
  return /\[TMPRL\d+\] [^"]+/.exec(message)?.[0] ?? message;
}

/** Also sets the SDK of this process to log errors only: failed runs are in their records and logs. */
export function connectWorker(options: NativeConnectionOptions): Promise<NativeConnection> {
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  const logger = new DefaultLogger('ERROR');
  // Without `forward` the native part of the SDK writes to stdout, which is for results.
  Runtime.install({ logger, telemetryOptions: { logging: { filter, forward: {} } } });
  return NativeConnection.connect(options);
}
