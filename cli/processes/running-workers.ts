/** Workers of one process, which end together. */
import type { createWorker } from '../../activities/worker.ts';

type Worker = Awaited<ReturnType<typeof createWorker>>;

export interface RunningWorkers {
  /** Lets running steps end, and takes no further ones. */
  stop(): void;
  /** Resolves when all workers have drained. If one of them fails, the others drain too, and it rejects with that error. */
  readonly ended: Promise<void>;
}

export function runWorkers(
  workers: readonly Pick<Worker, 'run' | 'shutdown' | 'getState'>[],
): RunningWorkers {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(stop));
  const ended = Promise.all(runs).then(
    () => undefined,
    async (error: unknown) => {
      await Promise.allSettled(runs);
      throw error;
    },
  );
  ended.catch(() => undefined); // whoever awaits it gets the reason
  return { stop, ended };
}
