/** Sends a Temporal Update to a run, and translates its rejection into `SkillosError`. */
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isErrorCode } from '../../core/errors/error-codes.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { buildOfRun, grpcCode, hasWorker, unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';

export interface RunUpdate {
  readonly runId: string;
  /** The queue of the run, as its record has it. */
  readonly queue?: 'jobs' | undefined;
  /** As in `workflows/messages.ts`. */
  readonly name: string;
  readonly argument: unknown;
  /** A repeated Update with the same id returns the result of the first. */
  readonly updateId?: string;
}

/** Limit for the answer; a worker that runs answers within a few milliseconds. */
const ANSWER_WITHIN_MS = 15_000;
const FAILED_PRECONDITION = 9; // gRPC

/**
 * Resolves to the result of the Update. Rejects with the code that the workflow's validator gives, with `run_finished`
 * if the run has ended, with `unknown_run` if there is none, and with `no_worker` if no worker answers within 15 s or
 * workers fail in its workflow code.
 */
export async function updateRun<Result>(temporal: Temporal, update: RunUpdate): Promise<Result> {
  const { client } = temporal;
  const { runId, queue, name, argument, updateId } = update;
  const handle = client.workflow.getHandle(runId);
  const options = { args: [argument] as [unknown], ...(updateId === undefined ? {} : { updateId }) };
  try {
    if (!(await hasWorker(temporal, { queue, runId }))) throw await noWorker(temporal, update);
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<Result, [unknown]>(name, options),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw await endedOrUnknown(handle, error);
    // Temporal lists a poller for minutes after it has gone.
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isStuck(error))
      throw await noWorker(temporal, update, error);
    throw rejectionOf(error, runId);
  }
}

/** True if workers fail in the workflow code of the run, so that Temporal accepts no Update until a task has succeeded. */
function isStuck(error: unknown): boolean {
  return (
    grpcCode(error) === FAILED_PRECONDITION && /task in failed state/i.test(String((error as Error).cause))
  );
}

/** Temporal answers NOT_FOUND to an Update of a run that has ended as well as of one that never was. */
async function endedOrUnknown(handle: WorkflowHandle, error: WorkflowNotFoundError): Promise<unknown> {
  const runId = handle.workflowId;
  try {
    await handle.describe();
  } catch (cause) {
    return unknownRun(cause, runId);
  }
  return new SkillosError('run_finished', `Run "${runId}" has ended`, { cause: error });
}

function rejectionOf(error: unknown, runId: string): unknown {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return unknownRun(error, runId);
  const { type, message, details } = cause;
  const [detail] = (details ?? []) as readonly (JsonObject | undefined)[]; // as `refusal` in workflows/ gives it
  const code = type !== undefined && type !== null && isErrorCode(type) ? type : 'internal';
  return new SkillosError(code, message, {
    ...(detail === undefined ? {} : { details: detail }),
    cause: error,
  });
}

async function noWorker(
  temporal: Temporal,
  { runId, queue }: RunUpdate,
  cause?: unknown,
): Promise<SkillosError> {
  const build = await buildOfRun(temporal, runId).catch(() => undefined);
  return new SkillosError('no_worker', `No worker answers for run "${runId}"`, {
    cause,
    ...hintFor(queue, build),
  });
}

function hintFor(queue: RunUpdate['queue'], build: string | undefined) {
  if (build !== undefined) {
    return { hint: `It continues on build ${build} only; start a worker of it: skillos workers versions` };
  }
  return queue === 'jobs' ? { hint: 'Serve the jobs queue meanwhile: skillos worker --queue jobs' } : {};
}
