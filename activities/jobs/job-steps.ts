/** The worker's part of a job: whether it may still start, and when a failed step is tried again. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { pauseAfter, retryRecord } from '../../core/jobs/job-retry.ts';
import { refuseStart } from '../../core/jobs/job-state.ts';
import type { ScheduledStep } from '../../core/plans/plan.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { Cancelled, RunRequest } from '../../core/runs/run.ts';
import { retryEvents } from '../../core/telemetry/start-events.ts';
import { report } from '../events.ts';
import { currentExecution } from '../execution.ts';
import type { WorkerPorts } from '../ports.ts';

/** Resolves to the cancellation of a job that expired, or was cancelled, before it started; to undefined if it may start. */
export async function refuseJob(
  { records, now }: Pick<WorkerPorts, 'records' | 'now'>,
  request: RunRequest,
): Promise<Cancelled | undefined> {
  if (request.job === undefined) return undefined;
  return refuseStart(request, await runRecords(records).get(currentExecution().id), now());
}

/**
 * Records in a job that its step has failed and when it is tried again. Never rejects: Temporal keeps the timer, and without
 * the record `job work` waits for the retry.
 */
export async function recordRetry(
  { records, now, events }: Pick<WorkerPorts, 'records' | 'now' | 'events'>,
  { retry, number: step }: ScheduledStep,
  { attempt, failure }: { readonly attempt: number; readonly failure: unknown },
): Promise<void> {
  if (!(failure instanceof ApplicationFailure) || failure.nonRetryable === true) return;
  const { workflowExecution } = Context.current().info;
  const pauseMs = pauseAfter(retry, attempt);
  if (pauseMs === undefined || workflowExecution === undefined) return;
  const { type, message, nextRetryDelay } = failure;
  const at = now() + (typeof nextRetryDelay === 'number' ? nextRetryDelay : pauseMs);
  const code = (type ?? 'internal') as ErrorCode; // `asApplicationFailure` writes a code of ours
  const record = await runRecords(records)
    .update(workflowExecution.workflowId, (current) =>
      current === undefined
        ? undefined
        : retryRecord(current, { attempt, at, failure: { code, message, step } }),
    )
    .catch(() => undefined);
  if (record !== undefined) report({ events, now }, retryEvents(record), record.tenant);
}
