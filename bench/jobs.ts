/**
 * Jobs beside what they are made of, on one Temporal server: enqueueing one beside a bare start of the same workflow, and
 * draining a backlog of jobs beside a backlog of plain runs. Usage: npm run bench -- jobs [jobs] [starts] [passes]
 */
import { rmSync } from 'node:fs';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createWorker } from '../activities/worker.ts';
import { carry, uncarry } from '../adapters/storage/carrying.ts';
import { packageFile } from '../adapters/machine/package.ts';
import { drainJobs, openJobLoad } from '../client/jobs/drain.ts';
import type { ClientPorts } from '../client/ports.ts';
import { requestOf, startRun } from '../client/submit/start-run.ts';
import type { StartRequest } from '../client/submit/start-run.ts';
import { startWorkflow } from '../client/submit/start-workflow.ts';
import { connectTemporal } from '../client/temporal/connection.ts';
import type { Temporal } from '../client/temporal/connection.ts';
import { openRecord } from '../core/runs/run-record.ts';
import { jobsQueueOf } from '../core/jobs/jobs-queue.ts';
import type { JsonObject } from '../core/json.ts';
import { startServerInMemory } from '../tests/support/temporal-server.ts';
import { RUN_WORKFLOW } from '../workflows/messages.ts';
import type { Bench } from './bench.ts';
import { repeat } from './deployment.ts';
import { fixed, quantile, timed } from './measure.ts';
import { ECHO, makeRoot, stagePorts } from './stage.ts';

const TASK_QUEUE = 'bench-jobs';
const CONCURRENCY = 16;
const WARM_UP = 20;

const RUN: StartRequest = {
  plan: ECHO,
  payload: 'hello',
  principal: { subject: 'bench', roles: [], via: 'local' },
  tenant: 'default',
};
const JOB: StartRequest = { ...RUN, job: { priority: 3 } };

export const jobsBench: Bench = {
  summary: 'enqueueing beside a bare start, draining beside plain runs; [jobs] [starts] [passes]',
  run: async ([jobs = '1000', starts = '200', passes = '1']) => {
    Runtime.install({ logger: new DefaultLogger('WARN') });
    const root = makeRoot();
    const server = await startServerInMemory();
    try {
      const counts = { jobs: Number(jobs), starts: Number(starts), passes: Number(passes) };
      await benchJobs({ root, address: server.address, ...counts });
    } finally {
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    }
    return 0;
  },
};

interface Setting {
  readonly root: string;
  readonly address: string;
  readonly jobs: number;
  readonly starts: number;
  readonly passes: number;
}

async function benchJobs({ root, address, jobs, starts, passes }: Setting): Promise<void> {
  const worker = stagePorts(root);
  const ports: ClientPorts = {
    ...worker,
    values: {
      carry: (value) => carry(value, worker.blobs),
      uncarry: (carried) => uncarry(carried, worker.blobs),
    },
  };
  const target = { address, namespace: 'default', taskQueue: TASK_QUEUE, local: true };
  const temporal = await connectTemporal(target);
  const connection = await NativeConnection.connect({ address });
  const open = (taskQueue: string, load?: ReturnType<typeof openJobLoad>) =>
    createWorker({
      connection,
      namespace: 'default',
      taskQueue,
      workflowBundle: packageFile('dist/workflows.js'),
      concurrency: CONCURRENCY,
      ports: worker,
      ...(load === undefined ? {} : { watch: load }),
    });
  try {
    await printStarts(ports, temporal, starts);
    await drain(ports, temporal, { open, count: starts + WARM_UP });
    const rates = { runs: [] as number[], jobs: [] as number[] };
    for (let pass = 0; pass < passes; pass++) {
      rates.runs.push(jobs / (await plainRuns(ports, temporal, { open, count: jobs })));
      await startAll(ports, temporal, { ask: JOB, count: jobs });
      rates.jobs.push(jobs / (await drain(ports, temporal, { open, count: jobs })));
    }
    const [ofRuns, ofJobs] = [quantile(rates.runs, 0.5), quantile(rates.jobs, 0.5)];
    process.stdout.write(`\nbacklog of ${jobs}, ${CONCURRENCY} steps at once (per s)  × plain\n`);
    process.stdout.write(`plain runs        ${fixed(ofRuns)}    1.00\n`);
    process.stdout.write(`job work          ${fixed(ofJobs)}    ${(ofJobs / ofRuns).toFixed(2)}\n`);
  } finally {
    await temporal.close();
    await worker.close();
    await connection.close();
  }
}

/**
 * All start the workflow with the same input. Between the bare start and ours are its parts: a start that Temporal's lists
 * find and its queue orders, and the durable record, which is written at the same time.
 */
async function printStarts(ports: ClientPorts, temporal: Temporal, count: number): Promise<void> {
  const request = await requestOf(ports, JOB, Date.now());
  const unserved = { ...temporal, target: { ...temporal.target, taskQueue: 'bench-unserved' } };
  const bare = { taskQueue: 'bench-unserved', args: [request] as [unknown] };
  const sides: Readonly<Record<string, (n: number) => Promise<unknown>>> = {
    'workflow.start': (n) =>
      temporal.client.workflow.start(RUN_WORKFLOW, { ...bare, workflowId: `bare-${n}` }),
    'start with options': (n) => startWorkflow(unserved, { runId: `options-${n}`, request }),
    record: (n) => {
      const record = openRecord(`record-${n}`, request) as unknown as JsonObject; // plain JSON by its type
      return ports.records.update('bench', `record-${n}`, () => record);
    },
    'job enqueue': () => startRun(ports, temporal, JOB),
  };
  const times = new Map(Object.keys(sides).map((name) => [name, [] as number[]]));
  for (let n = 0; n < count + WARM_UP; n++) {
    for (const [name, perform] of Object.entries(sides)) {
      const ms = await timed(() => perform(n));
      if (n >= WARM_UP) times.get(name)?.push(ms);
    }
  }
  const bareMs = quantile(times.get('workflow.start') ?? [], 0.5);
  process.stdout.write('enqueue, sequential (ms)   p50    p95   × bare\n');
  for (const [name, each] of times) {
    const ratio = (quantile(each, 0.5) / bareMs).toFixed(2).padStart(8);
    process.stdout.write(
      `${name.padEnd(22)}${fixed(quantile(each, 0.5))}${fixed(quantile(each, 0.95))}${ratio}\n`,
    );
  }
}

interface Backlog {
  readonly open: (
    taskQueue: string,
    load?: ReturnType<typeof openJobLoad>,
  ) => ReturnType<typeof createWorker>;
  readonly count: number;
}

/** Resolves to the ids. */
async function startAll(
  ports: ClientPorts,
  temporal: Temporal,
  { ask, count }: { readonly ask: StartRequest; readonly count: number },
): Promise<readonly string[]> {
  const ids: string[] = [];
  await repeat(count, async () => void ids.push((await startRun(ports, temporal, ask)).runId));
  return ids;
}

/** Resolves to the seconds from the start of the worker until the last run has ended. */
async function plainRuns(ports: ClientPorts, temporal: Temporal, { open, count }: Backlog): Promise<number> {
  const ids = await startAll(ports, temporal, { ask: RUN, count });
  const worker = await open(TASK_QUEUE);
  const running = worker.run();
  const tookMs = await timed(() =>
    Promise.all(ids.map((id) => temporal.client.workflow.getHandle(id).result())),
  );
  worker.shutdown();
  await running;
  return tookMs / 1000;
}

/** Resolves to the seconds from the start of the worker until all jobs are reported. */
async function drain(ports: ClientPorts, temporal: Temporal, { open, count }: Backlog): Promise<number> {
  const load = openJobLoad();
  const worker = await open(jobsQueueOf(TASK_QUEUE), load);
  const running = worker.run();
  let succeeded = 0;
  const { signal } = new AbortController();
  const onReport = (report: string) => {
    if (report === 'job_succeeded') succeeded += 1;
  };
  const tookMs = await timed(() => drainJobs(ports, temporal, { load, onReport, signal }));
  worker.shutdown();
  await running;
  if (succeeded !== count) throw new Error(`${succeeded} of ${count} jobs succeeded`);
  return tookMs / 1000;
}
