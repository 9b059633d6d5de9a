import { claimRecord, settleRecord } from '../../activities/run-record.ts';
import type { Prepared } from '../../core/run.ts';
import { runKey } from '../../core/run-id.ts';
import { aRequest } from '../support/builders.ts';
import { memoryRecords } from '../support/memory-records.ts';

const id = 'test.echo-01KAP3M2Q4V8Z0W6T5R7Y9X1BC';
const prepared: Extract<Prepared, { status: 'ready' }> = {
  status: 'ready',
  plan: { kind: 'sequence', plans: [] },
  digest: 'd',
  payload: { value: 'hello' },
  parallelLimit: 4,
  warnings: [],
};

function aStore() {
  const records = memoryRecords();
  let now = 0;
  const ports = { records, now: () => (now += 1000) };
  return {
    claim: (executionId: string) => claimRecord(ports, aRequest(), { id, executionId, prepared }),
    settle: (executionId: string) =>
      settleRecord(ports, aRequest(), {
        id,
        executionId,
        settlement: { status: 'success', output: { value: 1 } },
      }),
    read: () => records.get('runs', runKey(id)),
  };
}

test('a claim repeated keeps when the run began', async () => {
  const store = aStore();
  await store.claim('one');
  const first = await store.read();
  await store.claim('one');
  expect(await store.read()).toEqual(first);
});

test('the late claim of a worker that stalled does not revive a run that ended', async () => {
  const store = aStore();
  await store.claim('one');
  await store.settle('one');
  const ended = await store.read();
  await store.claim('one');
  expect(await store.read()).toEqual(ended);
});

test('a reset claims anew under its own execution', async () => {
  const store = aStore();
  await store.claim('one');
  await store.settle('one');
  await store.claim('two');
  expect(await store.read()).toMatchObject({ executionId: 'two', status: 'running' });
});
