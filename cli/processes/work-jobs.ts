/** The process of `job work`: serves the jobs queue until nothing is due, and ends. */
import { openRoot } from '../../adapters/catalog/skills-root.ts';
import { openPorts } from '../../adapters/open.ts';
import { dataConverterOf } from '../../adapters/temporal/payload-codec.ts';
import { queueState } from '../../client/jobs/jobs-in-flight.ts';
import type { DrainOptions } from '../../client/jobs/drain.ts';
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { runWorkers } from './running-workers.ts';
import type { WorkerBuild } from './worker-build.ts';
import { openWorkerProcess } from './worker-process.ts';
import type { WorkerProcess, WorkerSource } from './worker-process.ts';

export interface Work extends WorkerSource {
  readonly limit: number | undefined;
  readonly concurrency: number | undefined;
  readonly onReport: DrainOptions['onReport'];
}

export type WorkEnd = 'worked' | 'no_jobs' | 'no_jobs_due' | 'interrupted';

type Ports = ReturnType<typeof openPorts>['ports'];

/** Loads and connects nothing of Temporal if no job is due. */
export async function workJobs(work: Work): Promise<WorkEnd> {
  const { config, context } = work;
  openRoot(config.root); // without it there would be no jobs
  const { state, ports } = openPorts(config, context.now);
  context.onEnd(state.close);
  const found = await queueState(ports, context.now());
  if (found === 'no_jobs') return 'no_jobs';
  if (found === 'none_due') return 'no_jobs_due';
  const worker = await openWorkerProcess(work, { mayBeFirst: false });
  try {
    if (!worker.build.isCurrent) throw notCurrent(worker.build);
    return await drain(work, worker, ports);
  } finally {
    await worker.close();
  }
}

/** No job would come to it, and it would wait for them. */
function notCurrent({ id }: WorkerBuild): SkillosError {
  return new SkillosError('build_not_current', `New jobs do not go to build ${JSON.stringify(id)}`);
}

async function drain(work: Work, process: WorkerProcess, ports: Ports): Promise<WorkEnd> {
  const { config, context, limit, concurrency, onReport } = work;
  const { target } = process;
  const [{ drainJobs, openJobLoad, reportOpen }, { connectTemporal }] = await Promise.all([
    import('../../client/jobs/drain.ts'),
    import('../../client/temporal/connection.ts'),
  ]);
  const load = openJobLoad();
  const taskQueue = jobsQueueOf(target.taskQueue);
  const worker = await process.open({
    taskQueue,
    watch: load,
    concurrency,
    limit: limit === undefined ? undefined : { maxJobs: limit, hasOpenJobs: () => load.open.size > 0 },
  });
  const temporal = await connectTemporal(target, dataConverterOf(config.payloadKey));
  const running = runWorkers([worker]);
  const stopped = new AbortController();
  const forget = context.onInterrupt(() => {
    stopped.abort();
    running.stop();
  });
  running.ended.catch(() => stopped.abort());
  try {
    await drainJobs(ports, temporal, { load, limit, onReport, signal: stopped.signal });
  } finally {
    running.stop();
    await running.ended;
    await temporal.close();
    forget();
  }
  await reportOpen(ports, { load, onReport });
  return stopped.signal.aborted ? 'interrupted' : 'worked';
}
