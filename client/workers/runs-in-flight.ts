/** Counts runs in flight that the workflow code of a worker may be unable to continue. */
import { jobsQueueOf } from '../../core/jobs/jobs-queue.ts';
import { asClientError, grpcCode } from '../temporal/connection.ts';
import type { Fleet } from './builds.ts';

const INVALID_ARGUMENT = 3; // gRPC

/**
 * Runs of the queue that workers without versioning have begun, none of which had this workflow code. `code` is the build id by
 * which Temporal knows the code of a worker without versioning. Rejects with `engine_unreachable`.
 */
export function runsOfOtherCode(fleet: Fleet, code: string): Promise<number> {
  const own = JSON.stringify(`unversioned:${code}`);
  return count(
    fleet,
    `TaskQueue = ${JSON.stringify(fleet.taskQueue)} AND BuildIds = 'unversioned' AND BuildIds != ${own}`,
  );
}

/**
 * Runs whose workflow tasks fail or time out again and again, such as on workers that cannot replay their history. Temporal
 * reports them after five attempts, which is within a minute. Rejects with `engine_unreachable`.
 */
export function runsWithoutProgress(fleet: Fleet): Promise<number> {
  const queues = [fleet.taskQueue, jobsQueueOf(fleet.taskQueue)].map((name) => JSON.stringify(name));
  return count(fleet, `TaskQueue IN (${queues.join(', ')}) AND TemporalReportedProblems IS NOT NULL`);
}

/** Zero on an older server, which does not know the search attribute. */
async function count({ service, namespace }: Fleet, query: string): Promise<number> {
  try {
    const found = await service.countWorkflowExecutions({
      namespace,
      query: `ExecutionStatus = 'Running' AND ${query}`,
    });
    return Number(found.count);
  } catch (error) {
    if (grpcCode(error) === INVALID_ARGUMENT) return 0;
    throw asClientError(error);
  }
}
