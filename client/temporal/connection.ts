/** Connects a process to Temporal, and translates Temporal's errors into `SkillosError`. */
import {
  Client,
  Connection,
  ServiceError,
  WorkflowNotFoundError,
  isGrpcServiceError,
} from '@temporalio/client';
import type { ConnectionLike, ConnectionOptions } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import type { DataConverter } from '@temporalio/common';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { SEARCH_ATTRIBUTES } from '../../core/runs/search-attributes.ts';
import { isRunId } from '../../core/values/run-id.ts';
import { quietRetries } from './grpc-retries.ts';

/** Server, namespace and queue of runs: those of the local engine, or of the server in the environment. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Base URL of the Web UI without a trailing slash; absent if unknown. */
  readonly uiUrl?: string;
  /** True for the local engine, which runs its own worker. */
  readonly local: boolean;
  /** TLS, API key and metadata of a configured server. */
  readonly connection?: Pick<ConnectionOptions, 'tls' | 'apiKey' | 'metadata'>;
}

export interface Temporal {
  readonly client: Client;
  readonly target: TemporalTarget;
  /**
   * The client shares its connection with a worker of this process, so the server may hand that worker the first
   * task of a run in the answer to its start (eager start): one round trip less.
   */
  readonly isEager?: boolean;
  close(): Promise<void>;
}

/** Time after which an address that does not answer counts as unreachable. */
const CONNECT_TIMEOUT_MS = 3000;

/** Rejects with `engine_unreachable` if no server answers within `timeoutMs`. */
export async function connectTemporal(
  target: TemporalTarget,
  dataConverter: DataConverter = {},
  timeoutMs = CONNECT_TIMEOUT_MS,
): Promise<Temporal> {
  try {
    const options = {
      ...target.connection,
      address: target.address,
      connectTimeout: timeoutMs,
      interceptors: [quietRetries()],
    };
    // The local engine has just answered on its control port, so the first call may connect.
    const connection = target.local ? Connection.lazy(options) : await Connection.connect(options);
    const client = new Client({ connection, namespace: target.namespace, dataConverter });
    return { client, target, close: () => connection.close() };
  } catch (error) {
    throw new SkillosError('engine_unreachable', `Temporal does not answer at "${target.address}"`, {
      cause: error,
    });
  }
}

const INVALID_ARGUMENT: number = 3; // gRPC
const NOT_FOUND: number = 5; // gRPC
const WORKFLOW_QUEUE = 1; // TASK_QUEUE_TYPE_WORKFLOW
const VERSIONED = 2; // WORKER_VERSIONING_MODE_VERSIONED
/**
 * gRPC CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE. A server at which the deadline passes first resets the stream, which reads as
 * CANCELLED; callers that cancel a call themselves look at their signal first.
 */
const UNAVAILABLE: ReadonlySet<number> = new Set([1, 4, 14]);

/** Converts the error of a call if the server or its namespace is missing; returns any other error unchanged. */
export function asClientError(error: unknown): unknown {
  if (error instanceof NamespaceNotFoundError) return missingNamespace(error.namespace, error);
  const code = grpcCode(error);
  if (code === undefined || !UNAVAILABLE.has(code)) return error;
  return new SkillosError('engine_unreachable', 'Temporal stopped answering', { cause: error });
}

/** Like `asClientError`, for calls that set search attributes: reports if the namespace lacks one of them. */
export async function asStartError(temporal: Temporal, error: unknown): Promise<unknown> {
  if (grpcCode(error) !== INVALID_ARGUMENT || !(await lacksAttributes(temporal))) return asClientError(error);
  return new SkillosError(
    'temporal_setup_needed',
    'The Temporal namespace lacks search attributes of SkillOS',
    {
      cause: error,
    },
  );
}

/** Sends a query, because the error of a start has the same code for any invalid argument. */
export async function lacksAttributes({ client }: Temporal): Promise<boolean> {
  const terms = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => `${name} = 'none'`);
  return client.workflow.count(terms.join(' OR ')).then(
    () => false,
    (error: unknown) => grpcCode(error) === INVALID_ARGUMENT,
  );
}

/** Returns `unknown_run` for a workflow that Temporal does not know; any other error as `asClientError` does. */
export function unknownRun(error: unknown, runId: string): unknown {
  const isMissing = error instanceof WorkflowNotFoundError || grpcCode(error) === NOT_FOUND;
  if (!isMissing) return asClientError(error);
  return new SkillosError('unknown_run', `Unknown run ${JSON.stringify(runId)}`, {
    hint: 'skillos runs list',
    cause: error,
  });
}

/**
 * True if the latest execution of the run has ended; also if Temporal does not know it or no longer keeps it. A run that
 * ended without settling still holds its budget reservation.
 */
export async function isRunClosed(
  connection: ConnectionLike,
  { namespace, runId }: { readonly namespace: string; readonly runId: string },
): Promise<boolean> {
  const client = new Client({ connection, namespace });
  try {
    return (await client.workflow.getHandle(runId).describe()).status.name !== 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

/**
 * The id of the namespace, which is random when a database is made and so identifies the database behind the server. Rejects
 * with `engine_unreachable`, also if there is no such namespace.
 */
export async function namespaceId(connection: ConnectionLike, namespace: string): Promise<string> {
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
    return namespaceInfo?.id ?? '';
  } catch (error) {
    throw grpcCode(error) === NOT_FOUND ? missingNamespace(namespace, error) : asClientError(error);
  }
}

/** True for the error of a server that has no such namespace. */
export function isNamespaceMissing(error: unknown): boolean {
  if (!isSkillosError(error, 'engine_unreachable')) return false;
  const { cause } = error;
  return cause instanceof NamespaceNotFoundError || grpcCode(cause) === NOT_FOUND;
}

function missingNamespace(namespace: string, cause: unknown): SkillosError {
  const message = `The Temporal namespace ${JSON.stringify(namespace)} does not exist`;
  return new SkillosError('engine_unreachable', message, { cause });
}

/** A run that continues on the build of workers that took its first task, or the queue of new runs. */
interface Served {
  readonly queue?: 'jobs' | undefined;
  readonly runId?: string;
}

/** True if a worker polls the queue (with `jobs` that of jobs) that takes new runs, or the next task of the given run. */
export async function hasWorker(temporal: Temporal, { queue, runId }: Served = {}): Promise<boolean> {
  const { builds, current } = await pollersOf(temporal, queue);
  if (builds.every((build) => build === undefined)) return builds.length > 0 && current === undefined;
  const pinned = runId === undefined ? undefined : await buildOfRun(temporal, runId);
  return builds.includes(pinned ?? current);
}

interface Pollers {
  /** The build of each worker that polls; undefined for one without versioning. */
  readonly builds: readonly (string | undefined)[];
  /** The build that takes new runs; undefined if workers without versioning do. */
  readonly current: string | undefined;
}

/** Temporal lists a poller for minutes after it has gone. */
export async function pollersOf({ client, target }: Temporal, queue?: 'jobs'): Promise<Pollers> {
  const name = queue === 'jobs' ? jobsQueueOf(target.taskQueue) : target.taskQueue;
  const { pollers, versioningInfo } = await client.workflowService.describeTaskQueue({
    namespace: target.namespace,
    taskQueue: { name },
    taskQueueType: WORKFLOW_QUEUE,
  });
  return {
    builds: (pollers ?? []).map(({ deploymentOptions: options }) =>
      Number(options?.workerVersioningMode) === VERSIONED ? (options?.buildId ?? undefined) : undefined,
    ),
    current: versioningInfo?.currentDeploymentVersion?.buildId || undefined,
  };
}

/**
 * The build that takes the next task of a run. Undefined if that is the current one: before its first task, and when an operator
 * has moved it; and for a run without versioning.
 */
export async function buildOfRun({ client }: Temporal, runId: string): Promise<string | undefined> {
  const { raw } = await client.workflow.getHandle(runId).describe();
  const { deploymentVersion, versioningOverride: moved } = raw.workflowExecutionInfo?.versioningInfo ?? {};
  if (moved?.autoUpgrade === true) return undefined;
  return (moved?.pinned?.version ?? deploymentVersion)?.buildId || undefined;
}

/** The client wraps errors of gRPC; those of connections of workers are both in one. */
export function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** URL of the run in the Temporal Web UI; undefined if the address of the Web UI is unknown. */
export function webUrl(target: Temporal['target'], runId: string): string | undefined {
  if (target.uiUrl === undefined || !isRunId(runId)) return undefined;
  return `${target.uiUrl}/namespaces/${target.namespace}/workflows/${runId}`;
}
