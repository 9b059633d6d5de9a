/** Errors of calls to namespaces of the tests' Temporal server that are not set up. */
import { msToTs } from '@temporalio/common/lib/time.js';
import { connectTemporal } from '../../../client/temporal/connection.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';
import { startWorkflow } from '../../../client/submit/start-workflow.ts';
import type { RunRequest } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { eventually } from '../../support/eventually.ts';

const BARE = 'without-search-attributes';
const REQUEST: RunRequest = {
  plan: { kind: 'step', step: { skill: parseSkillId('a/x') } },
  payload: { value: 'x' },
  principal: { subject: 'ann', roles: [], via: 'local' },
  tenant: 'default',
  askedAt: '2026-11-28T12:00:00.000Z',
};

const open: Temporal[] = [];

afterAll(() => Promise.all(open.map((temporal) => temporal.close())));

async function connectTo(namespace: string): Promise<Temporal> {
  const address = process.env['SKILLOS_TEST_TEMPORAL'] ?? '';
  const temporal = await connectTemporal({ address, namespace, taskQueue: 'nobody-polls', local: false });
  open.push(temporal);
  return temporal;
}

function startOn(temporal: Temporal): Promise<boolean> {
  return startWorkflow(temporal, { runId: 'a.x-01M8HX9ZECSZRVACKW6AYGS5T5', request: REQUEST });
}

describe('startWorkflow', () => {
  test('names a namespace that does not exist', async () => {
    const start = startOn(await connectTo('nowhere'));
    await expect(start).rejects.toMatchObject({
      code: 'engine_unreachable',
      message: 'The Temporal namespace "nowhere" does not exist',
    });
  });

  test('asks for the set-up of a namespace without our search attributes', async () => {
    const temporal = await connectTo(BARE);
    await temporal.client.workflowService.registerNamespace({
      namespace: BARE,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    // The server learns of new namespaces within some seconds.
    await eventually(() =>
      expect(startOn(temporal)).rejects.toMatchObject({ code: 'temporal_setup_needed' }),
    );
  });
});
