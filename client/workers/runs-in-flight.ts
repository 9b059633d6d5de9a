/** Runs in flight that the workflow code of a worker may be unable to continue. */
import type { temporal } from '@temporalio/proto';
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { asClientError, grpcCode } from '../temporal/connection.ts';
import type { Fleet } from './builds.ts';

const INVALID_ARGUMENT = 3; // gRPC

type Execution = temporal.api.common.v1.IWorkflowExecution;

/** A run with its history, as the SDK replays it. */
interface RunHistory {
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/**
 * The newest runs, at most `limit`, that workers without versioning have begun, none of which was of this build; without those that
 * make no progress. None on a server that lacks the search attributes. Rejects with `engine_unreachable`.
 */
export async function runsOfOtherCode(
  fleet: Fleet,
  buildId: string,
  limit: number,
): Promise<readonly Execution[]> {
  const { service, namespace } = fleet;
  const own = JSON.stringify(`unversioned:${buildId}`);
  const query = running(
    `${onQueues(fleet)} AND BuildIds = 'unversioned' AND BuildIds != ${own} AND TemporalReportedProblems IS NULL`,
  );
  try {
    const { executions } = await service.listWorkflowExecutions({ namespace, query, pageSize: limit });
    return executions.map(({ execution }) => execution ?? {});
  } catch (error) {
    if (grpcCode(error) === INVALID_ARGUMENT) return [];
    throw asClientError(error);
  }
}

/** Rejects with `engine_unreachable`. */
export async function* historiesOf(
  fleet: Fleet,
  executions: readonly Execution[],
): AsyncGenerator<RunHistory> {
  for (const execution of executions) {
    const history = await historyOf(fleet, execution).catch((error: unknown) => {
      throw asClientError(error);
    });
    yield { workflowId: execution.workflowId ?? '', history };
  }
}

async function historyOf(
  { service, namespace }: Fleet,
  execution: Execution,
): Promise<RunHistory['history']> {
  const events: temporal.api.history.v1.IHistoryEvent[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await service.getWorkflowExecutionHistory({
      namespace,
      execution,
      ...(nextPageToken && { nextPageToken }),
    });
    events.push(...(page.history?.events ?? []));
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  return { events };
}

/**
 * Runs whose workflow tasks fail or time out again and again, such as on workers that cannot replay their history. Temporal
 * reports them after five attempts, which is within a minute. Rejects with `engine_unreachable`.
 */
export function runsWithoutProgress(fleet: Fleet): Promise<number> {
  return count(fleet, `${onQueues(fleet)} AND TemporalReportedProblems IS NOT NULL`);
}

function onQueues({ taskQueue }: Fleet): string {
  const queues = [taskQueue, jobsQueueOf(taskQueue)].map((name) => JSON.stringify(name));
  return `TaskQueue IN (${queues.join(', ')})`;
}

function running(query: string): string {
  return `ExecutionStatus = 'Running' AND ${query}`;
}

/** Zero on an older server, which does not know the search attribute. */
async function count({ service, namespace }: Fleet, query: string): Promise<number> {
  try {
    const found = await service.countWorkflowExecutions({ namespace, query: running(query) });
    return Number(found.count);
  } catch (error) {
    if (grpcCode(error) === INVALID_ARGUMENT) return 0;
    throw asClientError(error);
  }
}
