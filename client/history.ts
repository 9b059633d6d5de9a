/** Follows a run's history by long-poll. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { RunRequest } from '../core/run.ts';
import type { TraceEvent } from '../core/trace.ts';
import type { Temporal } from './connection.ts';
import { decodeEvent } from './history-events.ts';
import { decode } from './payloads.ts';

export interface FollowOptions {
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
  /** Wait for new events until the run has ended; else stop at the end of what there is. */
  readonly wait: boolean;
}

/** Events from the first one on; the last is `run_ended` unless the signal aborted or `wait` is false. */
export async function* followHistory(
  temporal: Temporal,
  workflowId: string,
  options: FollowOptions,
): AsyncGenerator<TraceEvent> {
  const { client, target } = temporal;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await fetchPage(client, options.signal, {
      namespace: target.namespace,
      execution: { workflowId },
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

/** What a run was asked to do, from the first event of its history. */
export async function readRequest({ client, target }: Temporal, workflowId: string): Promise<RunRequest> {
  const page = await fetchPage(client, undefined, {
    namespace: target.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const started = page?.history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return decode<RunRequest>(client, started?.input);
}

async function fetchPage(
  client: Client,
  signal: AbortSignal | undefined,
  request: temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryRequest,
): Promise<temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse | undefined> {
  const call = () => client.workflowService.getWorkflowExecutionHistory(request);
  if (signal === undefined) return call();
  try {
    // The client never takes its listener off: a long watch would heap them up on one signal.
    return await client.connection.withAbortSignal(AbortSignal.any([signal]), call);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
