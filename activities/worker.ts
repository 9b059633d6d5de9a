/** A Temporal worker that serves runs. */
import { NativeConnection, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { createActivities } from './index.ts';
import type { WorkerPorts } from './ports.ts';

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
}

export function createWorker(options: WorkerOptions): Promise<Worker> {
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.taskQueue,
    workflowBundle: { codePath: options.workflowBundle },
    activities: createActivities(options.ports),
    maxConcurrentActivityTaskExecutions: options.concurrency,
    maxCachedWorkflows: 500,
    maxHeartbeatThrottleInterval: '1s',
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_GRACE_MS + 4000,
  });
}

export function connectWorker(options: NativeConnectionOptions): Promise<NativeConnection> {
  return NativeConnection.connect(options);
}
