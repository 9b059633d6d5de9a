/** The process of a worker that serves queues until it is told to stop. */
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import type { ExitCode } from '../../core/errors/exit-codes.ts';
import { keepJobsStarted, keepRunsSettled, keepSchedules } from './repairs.ts';
import type { RepairSource } from './repairs.ts';
import { runWorkers } from './running-workers.ts';
import { openWorkerTelemetry } from './worker-metrics.ts';
import { openWorkerProcess } from './worker-process.ts';
import type { WorkerProcess, WorkerSource } from './worker-process.ts';

export type Queue = 'runs' | 'jobs';

interface Serving extends WorkerSource {
  readonly queues: readonly Queue[];
  readonly onPolling: (status: {
    readonly status: 'polling';
    readonly task_queue: string;
    readonly pid: number;
    readonly build: string;
  }) => void;
}

/** Resolves when the workers have drained. */
export async function serveRuns(serving: Serving): Promise<ExitCode> {
  const { config, note } = serving;
  const telemetry = await openWorkerTelemetry(config, note);
  try {
    return await serveQueues({ ...serving, connectorCalled: telemetry.connectorCalled });
  } finally {
    await telemetry.close();
  }
}

async function serveQueues(serving: Serving): Promise<ExitCode> {
  const { context, queues } = serving;
  const opened = await openWorkerProcess(serving, { mayBeFirst: queues.includes('runs') });
  try {
    const names = queues.map((queue) => queueName(opened, queue));
    const workers = await Promise.all(names.map((taskQueue) => opened.open({ taskQueue })));
    const running = runWorkers(workers);
    const stopped = new AbortController();
    const forget = context.onInterrupt(() => {
      stopped.abort();
      running.stop();
    });
    let loss: unknown;
    const onNamespaceLost = (error: unknown): void => {
      loss = error;
      running.stop();
    };
    const repairs = repairsOf({ ...serving, onNamespaceLost }, opened, stopped.signal);
    serving.onPolling({
      status: 'polling',
      task_queue: names.join(', '),
      pid: process.pid,
      build: opened.build.id,
    });
    try {
      await running.ended;
    } finally {
      stopped.abort();
      forget();
      await repairs;
    }
    if (loss !== undefined) throw loss;
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}

function queueName({ target }: WorkerProcess, queue: Queue): string {
  return queue === 'jobs' ? jobsQueueOf(target.taskQueue) : target.taskQueue;
}

function repairsOf(
  serving: Serving & RepairSource,
  opened: WorkerProcess,
  signal: AbortSignal,
): Promise<unknown> {
  const { queues } = serving;
  const { target } = opened;
  return Promise.all([
    keepRunsSettled(serving, opened, signal),
    queues.includes('runs') ? keepSchedules(serving, target, signal) : undefined,
    queues.includes('jobs') ? keepJobsStarted(serving, target, signal) : undefined,
  ]);
}
