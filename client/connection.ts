/** The one connection of a process to Temporal, and Temporal's faults in our words. */
import {
  Client,
  Connection,
  ServiceError,
  WorkflowNotFoundError,
  isGrpcServiceError,
} from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { SkillosError } from '../core/errors.ts';
import { quietRetries } from './grpc-retries.ts';

/** Where runs go: the local engine, or the server that the environment configures. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Base of the Web UI, without a slash at the end; absent where it is not known. */
  readonly uiUrl?: string;
  /** Whether this is the local engine, which keeps a worker running by itself. */
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

/** A dead address is known after this. */
const CONNECT_TIMEOUT_MS = 3000;

/** Rejects with `engine_unreachable` where nothing answers. */
export async function connectTemporal(
  target: TemporalTarget,
  dataConverter: DataConverter = {},
): Promise<Temporal> {
  try {
    const options = {
      ...target.connection,
      address: target.address,
      connectTimeout: CONNECT_TIMEOUT_MS,
      interceptors: [quietRetries()],
    };
    // The local engine has just proved that it lives; its first call may connect.
    const connection = target.local ? Connection.lazy(options) : await Connection.connect(options);
    const client = new Client({ connection, namespace: target.namespace, dataConverter });
    return { client, target, close: () => connection.close() };
  } catch (error) {
    throw new SkillosError('engine_unreachable', `Temporal does not answer at "${target.address}"`, {
      cause: error,
    });
  }
}

const NOT_FOUND: number = 5; // gRPC
const WORKFLOW_QUEUE = 1; // TASK_QUEUE_TYPE_WORKFLOW
const UNAVAILABLE: ReadonlySet<number> = new Set([4, 14]); // gRPC DEADLINE_EXCEEDED, UNAVAILABLE

/** A failed call as ours: an unreachable server as such, anything else as it is. */
export function asClientError(error: unknown): unknown {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    if (UNAVAILABLE.has(cause.code)) {
      return new SkillosError('engine_unreachable', 'Temporal stopped answering', { cause: error });
    }
    if (/search attribute/i.test(cause.details)) {
      return new SkillosError(
        'temporal_setup_needed',
        'The Temporal namespace lacks SkillOS’s search attributes',
        {
          cause: error,
        },
      );
    }
    if (/namespace .* not found/i.test(cause.details)) {
      return new SkillosError('engine_unreachable', 'The Temporal namespace does not exist', {
        cause: error,
      });
    }
  }
  return error;
}

/** A missing workflow as an unknown run; anything else as `asClientError` has it. */
export function unknownRun(error: unknown, runId: string): unknown {
  const isMissing = error instanceof WorkflowNotFoundError || grpcCode(error) === NOT_FOUND;
  if (!isMissing) return asClientError(error);
  return new SkillosError('unknown_run', `Unknown run ${JSON.stringify(runId)}`, {
    hint: 'skillos runs list',
    cause: error,
  });
}

/** Whether any worker polls the task queue. */
export async function hasWorker(temporal: Temporal): Promise<boolean> {
  const { client, target } = temporal;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: target.namespace,
    taskQueue: { name: target.taskQueue },
    taskQueueType: WORKFLOW_QUEUE,
  });
  return (pollers ?? []).length > 0;
}

function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
