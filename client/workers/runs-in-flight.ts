/** Runs in flight that the workflow code of a worker may be unable to continue. */
import type { temporal } from '@temporalio/proto';
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { asClientError, grpcCode } from '../temporal/connection.ts';
import type { Fleet } from './builds.ts';

const INVALID_ARGUMENT = 3; // gRPC

/** A run with its history, as the SDK replays it. */
interface RunHistory {
  readonly workflowId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/**
 * Runs that workers without versioning have begun, none of which was of this build. Rejects with `engine_unreachable`.
 */
export function runsOfOtherCode(fleet: Fleet, buildId: string): Promise<number> {
  return count(fleet, otherCode(fleet, buildId));
}

/** The histories of the newest of `runsOfOtherCode`, at most `limit`. Rejects with `engine_unreachable`. */
export async function* historiesOfOtherCode(
  fleet: Fleet,
  buildId: string,
  limit: number,
): AsyncGenerator<RunHistory> {
  const { service, namespace } = fleet;
  try {
    const query = running(otherCode(fleet, buildId));
    const { executions } = await service.listWorkflowExecutions({ namespace, query, pageSize: limit });
    for (const { execution } of executions) {
      const history = await historyOf(fleet, execution ?? {});
      yield { workflowId: execution?.workflowId ?? '', history };
    }
  } catch (error) {
    throw asClientError(error);
  }
}

async function historyOf(
  { service, namespace }: Fleet,
  execution: temporal.api.common.v1.IWorkflowExecution,
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

function otherCode(fleet: Fleet, buildId: string): string {
  const own = JSON.stringify(`unversioned:${buildId}`);
  return `${onQueues(fleet)} AND BuildIds = 'unversioned' AND BuildIds != ${own}`;
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
