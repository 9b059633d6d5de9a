/** Saying something to a run that it must answer: a Temporal Update, and its refusals in our words. */
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isErrorCode } from '../core/error-codes.ts';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { hasWorker, unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';

export interface RunUpdate {
  readonly runId: string;
  /** As in `workflows/messages.ts`. */
  readonly name: string;
  readonly argument: unknown;
  /** What is sent again under the same id gets the answer of the first. */
  readonly updateId?: string;
}

/** A worker answers in a few milliseconds. */
const ANSWER_WITHIN_MS = 15_000;

/**
 * The run's answer. Rejects under the code that the workflow gives, with `run_finished` where the run has ended, and with
 * `no_worker` where no worker is there to take it.
 */
export async function updateRun<Result>(
  temporal: Temporal,
  { runId, name, argument, updateId }: RunUpdate,
): Promise<Result> {
  const { client } = temporal;
  const handle = client.workflow.getHandle(runId);
  const options = { args: [argument] as [unknown], ...(updateId === undefined ? {} : { updateId }) };
  try {
    if (!(await hasWorker(temporal))) throw nobody(runId);
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<Result, [unknown]>(name, options),
    );
  } catch (error) {
    throw refusalOf(error, runId);
  }
}

function refusalOf(error: unknown, runId: string): unknown {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return nobody(runId, error); // one that polled lately may have gone
  }
  if (error instanceof WorkflowNotFoundError && /already completed|closing workflow/.test(error.message)) {
    return new SkillosError('run_finished', `Run "${runId}" has ended`, { cause: error });
  }
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return unknownRun(error, runId);
  const { type, message, details } = cause;
  const [told] = (details ?? []) as readonly (JsonObject | undefined)[]; // as `refusal` in workflows/ gives it
  const code = type !== undefined && type !== null && isErrorCode(type) ? type : 'internal';
  return new SkillosError(code, message, { ...(told === undefined ? {} : { details: told }), cause: error });
}

function nobody(runId: string, cause?: unknown): SkillosError {
  return new SkillosError('no_worker', `No worker answers for run "${runId}"`, { cause });
}
