import { ServiceError } from '@temporalio/client';
import { updateRun } from '../../../client/temporal/update.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';

test('says no_worker for a run in whose workflow code workers fail', async () => {
  const details = 'Unable to perform workflow execution update due to Workflow Task in failed state.';
  const cause = Object.assign(new Error(`9 FAILED_PRECONDITION: ${details}`), {
    code: 9,
    details,
    metadata: {},
  });
  const executeUpdate = () => Promise.reject(new ServiceError('Workflow Update failed', { cause }));
  const describe = async () => ({ raw: {} });
  const client = {
    workflow: { getHandle: () => ({ executeUpdate, describe }) },
    workflowService: { describeTaskQueue: async () => ({ pollers: [{}] }) },
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
  };
  const target = { address: 'a:1', namespace: 'default', taskQueue: 'skillos', local: false };
  const temporal = { client, target, close: async () => undefined } as unknown as Temporal;
  const update = { runId: 'a.x-1', name: 'decide', argument: {} };
  await expect(updateRun(temporal, update)).rejects.toMatchObject({ code: 'no_worker' });
});
