/** Reads a run's history from Temporal, by long poll if it is to be followed. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { RunRequest } from '../../core/runs/run.ts';
import type { TraceEvent } from '../../core/runs/trace.ts';
import type { Temporal } from '../temporal/connection.ts';
import { withOwnSignal } from '../joined-signal.ts';
import { decodeEvent } from './history-events.ts';
import { decode } from '../temporal/payloads.ts';

export interface FollowOptions {
  /** Ends the iteration without an error when it aborts. */
  readonly signal?: AbortSignal;
  /** Wait for new events until the run has ended; if false, stop after the events that exist now. */
  readonly wait: boolean;
}

/**
 * A run and the execution that its record names. Somebody who reaches Temporal can start another execution under the same id,
 * so the newest one is read only while the record names none.
 */
export interface RecordedRun {
  readonly id: string;
  readonly executionId?: string | undefined;
}

/** Yields events from the first on; the last is `run_ended` unless `signal` aborted or `wait` is false. */
export async function* followHistory(
  temporal: Temporal,
  run: RecordedRun,
  options: FollowOptions,
): AsyncGenerator<TraceEvent> {
  const { client, target } = temporal;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await fetchPage(client, options.signal, {
      namespace: target.namespace,
      execution: executionOf(run),
      waitNewEvent: options.wait,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    if (page === undefined) return;
    for (const event of page.history?.events ?? []) {
      for (const decoded of await decodeEvent(client, event)) {
        yield decoded;
        if (decoded.kind === 'run_ended') return;
      }
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
}

/** Reads the run's request from the first event of its history. Rejects as Temporal's client does. */
export async function readRequest({ client, target }: Temporal, run: RecordedRun): Promise<RunRequest> {
  const page = await fetchPage(client, undefined, {
    namespace: target.namespace,
    execution: executionOf(run),
    maximumPageSize: 1,
  });
  const started = page?.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return decode<RunRequest>(client, started?.input);
}

function executionOf({
  id: workflowId,
  executionId,
}: RecordedRun): temporal.api.common.v1.IWorkflowExecution {
  return executionId === undefined ? { workflowId } : { workflowId, runId: executionId };
}

async function fetchPage(
  client: Client,
  signal: AbortSignal | undefined,
  request: temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryRequest,
): Promise<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse | undefined> {
  const call = () => client.workflowService.getWorkflowExecutionHistory(request);
  if (signal === undefined) return call();
  try {
    return await withOwnSignal(signal, (own) => client.connection.withAbortSignal(own, call));
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
