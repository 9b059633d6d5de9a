/** Which workflow execution a local activity serves. */
import { activityInfo } from '@temporalio/activity';

/** `id` is the run's; a reset keeps it and makes a new `executionId`. */
export function currentExecution(): { readonly id: string; readonly executionId: string } {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) throw new Error('Expected to run inside a workflow');
  return { id: workflowExecution.workflowId, executionId: workflowExecution.runId };
}
