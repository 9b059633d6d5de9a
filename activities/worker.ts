/** A Temporal worker that serves runs. */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import { createActivities } from './index.ts';
import type { WorkerPorts } from './ports.ts';
import { withEvents } from './telemetry.ts';

/** Time for running steps to end after a shutdown was asked for; then they are cancelled. */
const SHUTDOWN_GRACE_MS = 25_000;

/** Tasks of a worker that went away are offered to others after this. */
const STICKY_TIMEOUT_MS = 3000;

export interface WorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Path of the bundled workflow code. */
  readonly workflowBundle: string;
  /** Steps that run at once. */
  readonly concurrency: number;
  readonly ports: WorkerPorts;
  readonly dataConverter?: DataConverter;
}

export function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: { codePath: options.workflowBundle },
    activities: withEvents(createActivities(options.ports), options.ports),
    ...(options.dataConverter === undefined ? {} : { dataConverter: options.dataConverter }),
    maxConcurrentActivityTaskExecutions: options.concurrency,
    // A worker that dies takes the tasks it holds with it until they time out, so it takes no more than it can do.
    maxConcurrentWorkflowTaskExecutions: 16,
    maxCachedWorkflows: 500,
    maxHeartbeatThrottleInterval: '1s',
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_GRACE_MS + 4000,
  });
}

/** Also quietens the SDK of this process: a failed run is in its record and log, and no news of the worker. */
export function connectWorker(options: NativeConnectionOptions): Promise<NativeConnection> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  return NativeConnection.connect(options);
}
