/** Lets the process of a worker see which runs it works for. */
import { activityInfo } from '@temporalio/activity';
import type { Activities } from '../index.ts';

export interface ActivityWatch {
  /** An activity of the run has begun, and later ended. */
  readonly begun: (runId: string) => void;
  readonly ended: (runId: string) => void;
}

export function withWatch(activities: Activities, watch: ActivityWatch | undefined): Activities {
  if (watch === undefined) return activities;
  const watched = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...given: readonly unknown[]) => {
      const runId = activityInfo().workflowExecution?.workflowId ?? '';
      watch.begun(runId);
      try {
        return await (activity as (...given: readonly unknown[]) => Promise<unknown>)(...given);
      } finally {
        watch.ended(runId);
      }
    },
  ]);
  return Object.fromEntries(watched) as Activities; // the same names and arguments
}
