/**
 * Builds of workers. Temporal calls them versions of a Worker Deployment; ours is named after the queue of runs and serves the
 * queue of jobs too.
 */
import type { WorkflowService } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { SkillosError } from '../../core/errors/errors.ts';
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { asClientError, grpcCode, pollersOf } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';

/** How a client or a worker reaches the deployment. */
export interface Fleet {
  readonly service: WorkflowService;
  readonly namespace: string;
  /** The queue of runs. */
  readonly taskQueue: string;
}

/** `inactive` has never been current; a `drained` one has no open run. Temporal notices that within some minutes. */
export type BuildState = 'inactive' | 'current' | 'ramping' | 'draining' | 'drained';

export interface Build {
  readonly id: string;
  readonly state: BuildState;
  /** ISO 8601: since when it is in this state. */
  readonly since: string;
  /** Open runs that only this build continues. */
  readonly runs: number;
  /** Those of them whose queue no worker of this build polls. */
  readonly waiting: number;
  /** Temporal lists a worker for minutes after it has gone. */
  readonly hasWorker: boolean;
}

/** What new runs start on, and what a change must name to be refused if another one came first. */
export interface Routing {
  /** Undefined if workers without versioning take new runs. */
  readonly current: string | undefined;
  /** False if no build was ever made current. */
  readonly isDecided: boolean;
  readonly conflictToken?: Uint8Array;
}

type Summary = temporal.api.deployment.v1.WorkerDeploymentInfo.IWorkerDeploymentVersionSummary;
type Described = temporal.api.workflowservice.v1.IDescribeWorkerDeploymentResponse;

const NOT_FOUND = 5; // gRPC
const FAILED_PRECONDITION = 9; // gRPC
const UNIMPLEMENTED = 12; // gRPC

/** By WorkerDeploymentVersionStatus. */
const STATES: Readonly<Record<number, BuildState>> = {
  2: 'current',
  3: 'ramping',
  4: 'draining',
  5: 'drained',
};

export function fleetOf({ client, target }: Temporal): Fleet {
  return { service: client.workflowService, namespace: target.namespace, taskQueue: target.taskQueue };
}

/** Rejects with `engine_unreachable`. An older server, which has no Worker Deployments, routes as if there were none. */
export async function readRouting(fleet: Fleet): Promise<Routing> {
  const described = await describe(fleet);
  const routing = described?.workerDeploymentInfo?.routingConfig;
  return {
    current: routing?.currentDeploymentVersion?.buildId || undefined,
    isDecided: Boolean(routing?.currentVersionChangedTime),
    ...(described?.conflictToken && { conflictToken: described.conflictToken }),
  };
}

/** The newest first. Rejects with `engine_unreachable`. */
export async function listBuilds(temporal: Temporal): Promise<readonly Build[]> {
  const summaries = (await describe(fleetOf(temporal)))?.workerDeploymentInfo?.versionSummaries ?? [];
  const queues =
    summaries.length === 0 ? [] : await Promise.all(QUEUES.map((queue) => serving(temporal, queue)));
  return Promise.all(
    summaries.map(async (summary) => {
      const id = summary.deploymentVersion?.buildId ?? '';
      const state = STATES[Number(summary.status)] ?? 'inactive';
      const open = await Promise.all(
        queues.map(async ({ name, builds }) => ({
          runs: state === 'drained' ? 0 : await openRuns(temporal, name, id),
          isServed: builds.includes(id),
        })),
      );
      const runs = sum(open.map((queue) => queue.runs));
      const waiting = sum(open.map((queue) => (queue.isServed ? 0 : queue.runs)));
      const hasWorker = open.some(({ isServed }) => isServed);
      return { id, state, since: sinceOf(summary, state), runs, waiting, hasWorker };
    }),
  );
}

/** The queue of runs, and that of jobs. */
const QUEUES = [undefined, 'jobs'] as const;

async function serving(temporal: Temporal, queue: (typeof QUEUES)[number]) {
  const { taskQueue } = temporal.target;
  const { builds } = await pollersOf(temporal, queue);
  return { name: queue === 'jobs' ? jobsQueueOf(taskQueue) : taskQueue, builds };
}

/** A run belongs to the build that took its first task. */
async function openRuns({ client, target }: Temporal, queue: string, build: string): Promise<number> {
  const version = JSON.stringify(`${target.taskQueue}:${build}`);
  const { count } = await client.workflow.count(
    `TemporalWorkerDeploymentVersion = ${version} AND ExecutionStatus = 'Running' AND TaskQueue = ${JSON.stringify(queue)}`,
  );
  return count;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

export interface Promotion {
  readonly build: string;
  readonly routing: Routing;
  /** Also if no worker of the build has polled yet. */
  readonly allowNoPollers?: boolean;
}

/**
 * Lets new runs start on a build. Rejects with `unknown_build`, with `build_not_served` if its workers do not serve all queues
 * of the current build, with `build_conflict` if the routing has changed since it was read, and with `config_invalid` if the
 * server has no Worker Deployments.
 */
export async function setCurrent(
  { service, namespace, taskQueue }: Fleet,
  { build, routing, allowNoPollers = false }: Promotion,
): Promise<void> {
  try {
    await service.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName: taskQueue,
      buildId: build,
      identity: 'skillos',
      allowNoPollers,
      ...(routing.conflictToken && { conflictToken: routing.conflictToken }),
    });
  } catch (error) {
    throw promotionError(error, build);
  }
}

function promotionError(error: unknown, build: string): unknown {
  const code = grpcCode(error);
  const name = JSON.stringify(build);
  if (code === NOT_FOUND) return unknownBuild(build, error);
  if (code === UNIMPLEMENTED) {
    return new SkillosError(
      'config_invalid',
      'Invalid SKILLOS_WORKER_VERSIONING: expected 0, because the Temporal server has no Worker Deployments',
      { cause: error },
    );
  }
  if (code !== FAILED_PRECONDITION) return asClientError(error);
  if (/conflict token/.test(String((error as Error).cause ?? error)))
    return new SkillosError(
      'build_conflict',
      `The current build changed while ${name} was to become current`,
      {
        cause: error,
      },
    );
  return new SkillosError(
    'build_not_served',
    `The workers of build ${name} do not serve all queues that those of the current build serve`,
    { cause: error },
  );
}

export function unknownBuild(build: string, cause?: unknown): SkillosError {
  return new SkillosError('unknown_build', `Unknown build ${JSON.stringify(build)}`, { cause });
}

async function describe({ service, namespace, taskQueue }: Fleet): Promise<Described | undefined> {
  try {
    return await service.describeWorkerDeployment({ namespace, deploymentName: taskQueue });
  } catch (error) {
    const code = grpcCode(error);
    if (code === NOT_FOUND || code === UNIMPLEMENTED || taskQueue.includes('.')) return undefined;
    throw asClientError(error);
  }
}

function sinceOf(summary: Summary, state: BuildState): string {
  const { currentSinceTime, rampingSinceTime, lastDeactivationTime, drainageInfo, createTime } = summary;
  const times = {
    current: currentSinceTime,
    ramping: rampingSinceTime,
    draining: lastDeactivationTime,
    drained: drainageInfo?.lastChangedTime,
    inactive: createTime,
  };
  return new Date(Number((times[state] ?? createTime)?.seconds ?? 0) * 1000).toISOString();
}
