/** Whether a run is over for good: what ended without settling still holds its budget. */
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';

/** By the latest execution of the run; one that Temporal does not know, or has forgotten, is gone too. */
export async function isGone(
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
