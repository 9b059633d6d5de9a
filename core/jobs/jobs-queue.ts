/** The task queue of jobs: workers of the main queue leave them alone. */

const JOBS_SUFFIX = '-jobs';

/** `taskQueue` is the queue of runs that are not jobs. */
export function jobsQueueOf(taskQueue: string): string {
  return `${taskQueue}${JOBS_SUFFIX}`;
}

export function isJobsQueue(queue: string): boolean {
  return queue.endsWith(JOBS_SUFFIX);
}
