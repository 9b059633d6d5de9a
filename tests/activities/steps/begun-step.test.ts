import { asyncLocalStorage } from '@temporalio/activity';
import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { WorkerPorts } from '../../../activities/ports.ts';
import { runStep } from '../../../activities/skill.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import type { Records } from '../../../core/storage/records.ts';
import { aRecord, aStep } from '../../support/builders.ts';
import { memoryBlobs } from '../../support/memory-blobs.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const run = aRecord({ executionId: 'x' });
const step = aStep({ repeatable: false, sideEffects: 'write' });

/** Runs one attempt of a step that is not safe to repeat; `stop` cancels it as the shutdown of its worker does. */
function attempt(
  number: number,
  records: Records,
  { onCall = () => undefined, stop = new AbortController() }: { onCall?: () => void; stop?: AbortController },
) {
  const calls: number[] = [];
  const host = {
    run: async () => {
      calls.push(number);
      onCall();
      if (stop.signal.aborted) throw new SkillosError('run_cancelled', 'stopped');
      return '"done"';
    },
  };
  const ports = { records, host, blobs: memoryBlobs(), journal: memoryJournal(), now: () => 0 };
  const workflowExecution = { workflowId: run.id, runId: 'x' };
  const context = {
    info: { attempt: number, workflowExecution, taskQueue: 'skillos' },
    cancellationSignal: stop.signal,
    heartbeat: () => undefined,
  } as unknown as Context;
  const { subject, roles } = run.principal;
  const input = { step, payload: { value: '' }, principal: { subject, roles }, attemptsBefore: 0 };
  const ended = asyncLocalStorage.run(context, () => runStep(ports as unknown as WorkerPorts, input));
  return { ended, calls };
}

/** Calls `then` after each write. */
function followed(records: Records, then: () => void): Records {
  return {
    ...records,
    update: async (kind, key, change) => {
      const stored = await records.update(kind, key, change);
      then();
      return stored;
    },
  };
}

async function recordedRun(): Promise<Records> {
  const records = memoryRecords();
  await runRecords(records).open(run);
  return records;
}

test.each([
  ['after its begin is recorded', () => undefined],
  [
    'while it waits for the store, which has kept its begin',
    () => {
      throw new SkillosError('storage_unreachable', 'no answer');
    },
  ],
])('a step whose worker shuts down %s runs in the next attempt', async (_when, answer) => {
  const records = await recordedRun();
  const stop = new AbortController();
  let writes = 0;
  const stopping = followed(records, () => {
    if (writes++ > 0) return;
    stop.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    answer();
  });
  const first = attempt(1, stopping, { stop });
  await expect(first.ended).rejects.toMatchObject({ type: 'skill_crashed', nonRetryable: false });
  expect(first.calls).toEqual([]);
  const second = attempt(2, records, {});
  await expect(second.ended).resolves.toMatchObject({ value: 'done' });
  expect(second.calls).toEqual([2]);
});

test('a step whose worker shuts down during its call is not called again', async () => {
  const records = await recordedRun();
  const stop = new AbortController();
  const first = attempt(1, records, { stop, onCall: () => stop.abort() });
  await expect(first.ended).rejects.toMatchObject({ type: 'outcome_unknown', nonRetryable: true });
  const second = attempt(2, records, {});
  await expect(second.ended).rejects.toMatchObject({ type: 'outcome_unknown' });
  expect(second.calls).toEqual([]);
});
