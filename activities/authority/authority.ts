/**
 * Decides if the current execution acts for its run. The run record names the execution that does: the first one, or one
 * that `skillos runs reset` has made. Another execution of the run id, such as a recorded request that somebody has started
 * again, is refused.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { Place } from '../../core/runs/permit.ts';
import { isForeign } from '../../core/runs/run-record.ts';
import { MAX_REQUEST_AGE_MS } from '../../core/jobs/retention.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord, RunRequest } from '../../core/runs/run.ts';
import { msOf } from '../../core/values/iso-time.ts';
import { currentExecution, runInMessages } from '../execution.ts';
import type { WorkerPorts } from '../ports.ts';
import { refuseWork } from './refusals.ts';

/** `skillos runs reset` writes the record shortly after Temporal has made the new execution. */
const RESET_POLLS = 15;
const RESET_POLL_MS = 200;

/** True if `holds` for the current execution, or for an earlier one that the operator has reset. */
export async function holdsInRun(
  records: WorkerPorts['records'],
  holds: (place: Place) => boolean,
): Promise<boolean> {
  const { id: runId, executionId } = currentExecution();
  if (holds({ runId, executionId })) return true;
  const record = await untilOwn(records);
  if (record?.executionId !== executionId) return false;
  return (record.resetExecutions ?? []).some((earlier) => holds({ runId, executionId: earlier }));
}

/** Rejects with `run_replayed` if the run belongs to another execution, or if its request is too old to have no record. */
export async function assertOwnRun(ports: WorkerPorts, request: RunRequest): Promise<void> {
  if (ports.trust.serverKey === undefined) return;
  const { executionId } = currentExecution();
  const record = await untilOwn(ports.records);
  if (isForeign(record, executionId)) await refuseReplay(ports);
  // The request of a schedule is as old as the schedule. Its record decides by the time of the firing; see `refuseFiring`.
  if (request.schedule !== undefined) return;
  if (record === undefined && ports.now() - msOf(request.askedAt) > MAX_REQUEST_AGE_MS) {
    await refuseWork(ports, 'run_replayed', 'The request is older than 30 days, and its run has no record');
  }
}

/** Runs `work`, which may reject with `run_replayed`; waits for the record of a reset first, then records the refusal. */
export async function inOwnRun<T>(ports: WorkerPorts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSkillosError(error, 'run_replayed')) throw error;
    if (!isForeign(await untilOwn(ports.records), currentExecution().executionId)) return work();
    return refuseReplay(ports);
  }
}

/** Throws `run_replayed` if the record belongs to another execution. Without a server key any execution may continue it. */
export function assertOwn({ trust }: Pick<WorkerPorts, 'trust'>, record: RunRecord | undefined): void {
  if (trust.serverKey === undefined || !isForeign(record, currentExecution().executionId)) return;
  throw new SkillosError('run_replayed', replayed());
}

function replayed(): string {
  return `Another execution of this run has begun or ended; to continue after a reset: skillos runs reset ${runInMessages()}`;
}

function refuseReplay(ports: WorkerPorts): Promise<never> {
  return refuseWork(ports, 'run_replayed', replayed());
}

/** Resolves to the record as soon as it belongs to the current execution, or after the time that a reset needs. */
async function untilOwn(records: WorkerPorts['records']): Promise<RunRecord | undefined> {
  const { id, executionId } = currentExecution();
  for (let polls = 0; ; polls++) {
    const record = await runRecords(records).get(id);
    if (polls === RESET_POLLS || !isForeign(record, executionId)) return record;
    await delay(RESET_POLL_MS);
  }
}
