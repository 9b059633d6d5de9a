/** What somebody does who reaches the Temporal frontend and has no key: workflows of their own, on a queue of their own. */
import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Temporal } from '../../client/temporal/connection.ts';

interface Scheduled {
  readonly workflowId: string;
  readonly activityType: string;
  readonly args: readonly unknown[];
}

/** Returns the type of the failure of the activity, which is scheduled on our queue, or `completed`. */
export async function scheduleFromForeignWorkflow(
  temporal: Temporal,
  { workflowId, activityType, args }: Scheduled,
): Promise<string> {
  const { handle, poll, respond } = await startForeign(temporal, { workflowId, args: [] });
  await respond({
    commandType: 1, // COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK
    scheduleActivityTaskCommandAttributes: {
      activityId: '1',
      activityType: { name: activityType },
      taskQueue: { name: temporal.target.taskQueue },
      input: { payloads: args.map((arg) => defaultPayloadConverter.toPayload(arg)) },
      scheduleToCloseTimeout: { seconds: 30 as never }, // a Long or a number
      startToCloseTimeout: { seconds: 30 as never },
      retryPolicy: { maximumAttempts: 1 },
    },
  });
  await poll();
  const { events = [] } = await handle.fetchHistory();
  await handle.terminate();
  const failed = (events ?? []).find((event) => event.activityTaskFailedEventAttributes);
  const failure = failed?.activityTaskFailedEventAttributes?.failure;
  return failure?.applicationFailureInfo?.type ?? (failed === undefined ? 'completed' : 'failed');
}

/** Leaves a workflow `run` behind that has begun with `request` and ended with `result`. */
export async function completeForeignWorkflow(
  temporal: Temporal,
  {
    workflowId,
    request,
    result,
  }: { readonly workflowId: string; readonly request: unknown; readonly result: unknown },
): Promise<void> {
  const { respond } = await startForeign(temporal, { workflowId, args: [request] });
  await respond({
    commandType: 4, // COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION
    completeWorkflowExecutionCommandAttributes: {
      result: { payloads: [defaultPayloadConverter.toPayload(result)] },
    },
  });
}

type Command = NonNullable<
  Parameters<Temporal['client']['workflowService']['respondWorkflowTaskCompleted']>[0]['commands']
>[number];

/** `respond` answers the first workflow task. */
async function startForeign(
  { client, target }: Temporal,
  { workflowId, args }: { readonly workflowId: string; readonly args: unknown[] },
) {
  const { workflowService } = client;
  const { namespace } = target;
  const taskQueue = `foreign-${randomUUID()}`;
  const handle = await client.workflow.start('run', { workflowId, taskQueue, args });
  const poll = () =>
    client.withDeadline(Date.now() + 30_000, () =>
      workflowService.pollWorkflowTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        identity: 'foreign',
      }),
    );
  const respond = async (command: Command) => {
    const { taskToken } = await poll();
    await workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken,
      identity: 'foreign',
      commands: [command],
    });
  };
  return { handle, poll, respond };
}
