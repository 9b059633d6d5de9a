import { asyncLocalStorage } from '@temporalio/activity';
import type { Context } from '@temporalio/activity';
import type { WorkerPorts } from '../../../activities/ports.ts';
import { runStep } from '../../../activities/skill.ts';
import { openSlots } from '../../../activities/steps/slots.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { JsonValue } from '../../../core/json.ts';
import { SLOTS_KIND, limitedHeartbeat } from '../../../core/limits/concurrency.ts';
import type { FrozenStep } from '../../../core/plans/plan.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import type { Records } from '../../../core/storage/records.ts';
import { aRecord, aStep } from '../../support/builders.ts';
import { memoryBlobs } from '../../support/memory-blobs.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const run = aRecord({ executionId: 'x' });
const retry = { maxAttempts: 2, initialMs: 700, backoff: 2, maxIntervalMs: 60_000, nonRetryable: [] };
const limited = aStep({ repeatable: true, concurrency: 1, retry });

interface Delivery {
  readonly step?: FrozenStep;
  /** Counted by Temporal, from 1. */
  readonly number?: number;
  readonly heartbeatDetails?: JsonValue;
  readonly call?: (asked: { readonly attempt: number }) => Promise<string>;
}

/** A worker that receives the activity of the step. */
function openWorker(records: Records) {
  const slots = openSlots(records);
  const released: Promise<unknown>[] = [];
  return {
    released: () => Promise.all(released),
    deliver({ step = limited, number = 1, heartbeatDetails, call = async () => '"done"' }: Delivery) {
      const background = (work: (signal: AbortSignal) => Promise<unknown>) =>
        void released.push(work(new AbortController().signal));
      const storage = { records, blobs: memoryBlobs(), journal: memoryJournal() };
      const ports = { ...storage, host: { run: call }, slots, background, now: () => 0 };
      const workflowExecution = { workflowId: run.id, runId: 'x' };
      const info = { attempt: number, workflowExecution, taskQueue: 'skillos', heartbeatTimeoutMs: 8000 };
      const heartbeats: JsonValue[] = [];
      const context = {
        info: { ...info, heartbeatDetails },
        cancellationSignal: new AbortController().signal,
        heartbeat: (details: JsonValue) => heartbeats.push(details),
      } as unknown as Context;
      const { subject, roles } = run.principal;
      const input = { step, payload: { value: '' }, principal: { subject, roles }, attemptsBefore: 0 };
      const ended = asyncLocalStorage.run(context, () => runStep(ports as unknown as WorkerPorts, input));
      return { ended, heartbeats };
    },
  };
}

let records: Records;

beforeEach(async () => {
  records = memoryRecords();
  await runRecords(records).open(run);
});

test('a step that finds no slot is given back, and its next delivery is its first attempt', async () => {
  const worker = openWorker(records);
  let end: (output: string) => void = () => undefined;
  let began: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => (began = resolve));
  const first = worker.deliver({
    call: () => {
      began();
      return new Promise((resolve) => (end = resolve));
    },
  });
  await hasBegun;
  const waiting = worker.deliver({});
  await expect(waiting.ended).rejects.toMatchObject({
    type: 'concurrency_limited',
    message: `Waits for concurrency of ${limited.skill}: 1 of 1 run`,
    nonRetryable: false,
    nextRetryDelay: expect.any(Number),
  });
  expect(waiting.heartbeats).toEqual([limitedHeartbeat(1, null)]);
  end('"done"');
  await expect(first.ended).resolves.toEqual({ value: 'done' });
  await worker.released();

  const next = worker.deliver({
    number: 2,
    heartbeatDetails: limitedHeartbeat(1, null),
    call: async ({ attempt }) => String(attempt),
  });
  await expect(next.ended).resolves.toEqual({ value: 1 });
  await worker.released();
  await expect(records.list(SLOTS_KIND)).resolves.toEqual([]);
});

test('pauses and ends after failures by the retry policy, however often the step has waited', async () => {
  const worker = openWorker(records);
  const call = () => Promise.reject(new SkillosError('skill_failed', 'no'));
  const attempt = (number: number) =>
    worker.deliver({ number, heartbeatDetails: limitedHeartbeat(40, null), call }).ended;
  await expect(attempt(41)).rejects.toMatchObject({ nonRetryable: false, nextRetryDelay: 700 });
  await expect(attempt(42)).rejects.toMatchObject({ nonRetryable: true, details: [{ attempts: 2 }] });
});

test.each([
  [true, 'skill_crashed'],
  [false, 'outcome_unknown'],
])('fails a step whose workers are lost again and again; safe to repeat: %s', async (repeatable, type) => {
  const worker = openWorker(records);
  const { ended } = worker.deliver({ step: { ...limited, repeatable }, number: 500 });
  await expect(ended).rejects.toMatchObject({ type, nonRetryable: true });
});
