/** The namespace of a worker is deleted while it serves. */
import { Connection } from '@temporalio/client';
import { rootWith } from '../support/deployment.ts';
import { PROCESSES_TIMEOUT_MS } from '../support/processes.ts';
import { startWorkerProcess } from '../support/skillos-process.ts';
import { startServerInMemory } from '../support/temporal-server.ts';

const NAMESPACE = 'short-lived';

test(
  'the worker ends and says why',
  async () => {
    const server = await startServerInMemory();
    const connection = await Connection.connect({
      address: server.address,
    });
    await connection.workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const worker = await startWorkerProcess({
      PATH: process.env['PATH'] ?? '',
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: NAMESPACE,
      SKILLOS_ROOT: rootWith({}),
    });
    await connection.operatorService.deleteNamespace({ namespace: NAMESPACE });
    const { code, stdout } = await worker.ended;
    expect(code).toBe(7);
    expect(stdout).toMatch(/"engine_unreachable"[^]*The Temporal namespace \\"short-lived\\" does not exist/);
    await connection.close();
    await server.stop();
  },
  PROCESSES_TIMEOUT_MS,
);
