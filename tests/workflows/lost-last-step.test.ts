/** A worker that is lost after its step has settled the run: what is recorded stands, and nothing is undone. */
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { ulid } from 'ulid';
import type { Activities } from '../../activities/index.ts';
import { packageFile } from '../../adapters/machine/package.ts';
import type { FrozenStep } from '../../core/plans/plan.ts';
import type { Settlement } from '../../core/runs/run.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { RUN_WORKFLOW } from '../../workflows/messages.ts';
import type { StepInput, StepResult } from '../../workflows/messages.ts';
import { aReady, aRequest, aStep } from '../support/builders.ts';

const address = process.env['SKILLOS_TEST_TEMPORAL'] ?? '';
const once = { repeatable: false, retry: { ...aStep().retry, maxAttempts: 1 } };
const FIRST: FrozenStep = aStep({
  ...once,
  skill: parseSkillId('trip/book'),
  rollback: { ...aStep(once), skill: parseSkillId('trip/unbook') },
});
const LAST: FrozenStep = aStep({ ...once, number: 2, skill: parseSkillId('trip/pay') });
const PLAN = {
  kind: 'sequence',
  plans: [
    { kind: 'step', step: FIRST },
    { kind: 'step', step: LAST },
  ],
} as const;

/** A run of two steps whose last is lost, by what is recorded of it. */
async function runWith(standing: StepResult | undefined) {
  const called: string[] = [];
  const settled: Settlement[] = [];
  const activities: Partial<Activities> = {
    prepare: async () => aReady({ plan: PLAN }),
    standing: async () => standing,
    settle: async (_request, settlement) => {
      settled.push(settlement);
      return settlement;
    },
    default: async (input) => {
      const { step } = input as StepInput; // no run here is of one step
      called.push(step.skill);
      if (step.skill !== LAST.skill) return { value: 'done' };
      throw ApplicationFailure.create({ type: 'outcome_unknown', message: 'lost', nonRetryable: true });
    },
  };
  const taskQueue = `test-${ulid().toLowerCase()}`;
  const [connection, clientConnection] = await Promise.all([
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
  ]);
  const worker = await Worker.create({
    connection,
    taskQueue,
    activities,
    workflowBundle: { codePath: packageFile('dist/workflows.js') },
  });
  const client = new Client({ connection: clientConnection });
  const workflowId = `pipeline-${ulid()}`;
  const result = await worker.runUntil(
    client.workflow
      .execute(RUN_WORKFLOW, { workflowId, taskQueue, args: [aRequest()] })
      .catch((error: unknown) => error),
  );
  await clientConnection.close();
  await connection.close();
  return { result, called, settled };
}

test('that has settled the run leaves a success, and nothing is undone', async () => {
  const { result, called, settled } = await runWith({ value: 'paid', settled: true });
  expect(result).toEqual({ status: 'success', output: { value: 'paid' } });
  expect([called, settled]).toEqual([['trip/book', 'trip/pay'], []]);
});

test('that has not leaves a run whose outcome nobody knows, and what came before is undone', async () => {
  const { called, settled } = await runWith(undefined);
  expect(called).toEqual(['trip/book', 'trip/pay', 'trip/unbook']);
  expect(settled).toMatchObject([{ status: 'error', failure: { code: 'outcome_unknown' } }]);
});
