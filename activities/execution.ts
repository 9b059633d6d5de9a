/** The workflow execution that the current activity belongs to. */
import { activityInfo } from '@temporalio/activity';
import type { Place } from '../core/runs/permit.ts';
import { isRunId } from '../core/values/run-id.ts';

/** The current execution in the form that permits contain. */
export function currentPlace(): Place {
  const { id: runId, executionId } = currentExecution();
  return { runId, executionId };
}

/** `id` is the run id; a reset keeps it and makes a new `executionId`. */
export function currentExecution(): { readonly id: string; readonly executionId: string } {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) throw new Error('Expected to run inside a workflow');
  return { id: workflowExecution.workflowId, executionId: workflowExecution.runId };
}

/** The run id for messages. An id that is none may be any text of whoever started the workflow, so it is left out. */
export function runInMessages(): string {
  const { id } = currentExecution();
  return isRunId(id) ? id : '<run>';
}
