import { connectTemporal } from '../../../client/temporal/connection.ts';
import { startWorkflow } from '../../../client/submit/start-workflow.ts';
import type { RunRequest } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { slowProxy } from '../../support/slow-proxy.ts';

const RUN = 'test.echo-01ARZ3NDEKTSV4RRFFQ69G5FAV';
const REQUEST: RunRequest = {
  plan: { kind: 'step', step: { skill: parseSkillId('test/echo') } },
  payload: { value: null },
  principal: { subject: 'ann', roles: [], via: 'local' },
  tenant: 'default',
  askedAt: '2026-11-28T00:00:00.000Z',
};

/** Connects to the tests' server through a proxy, with a queue that nobody polls. */
async function connected() {
  const proxy = await slowProxy(process.env['SKILLOS_TEST_TEMPORAL'] as string);
  const taskQueue = `start-workflow-${process.pid}`;
  const target = { address: proxy.address, namespace: 'default', taskQueue, local: false };
  return { proxy, temporal: await connectTemporal(target) };
}

describe('startWorkflow', () => {
  test('is true for a start whose answer came too late, and false for a run that existed before', async () => {
    const { proxy, temporal } = await connected();
    const start = { runId: `${RUN.slice(0, -4)}A001`, request: REQUEST };
    proxy.hold();
    const started = temporal.client.withDeadline(Date.now() + 500, () => startWorkflow(temporal, start));
    setTimeout(() => proxy.release(), 1500);

    expect(await started).toBe(true);
    expect(await startWorkflow(temporal, start)).toBe(false);
    await temporal.client.workflow.getHandle(start.runId).terminate();
    await temporal.close();
    await proxy[Symbol.asyncDispose]();
  });
});
