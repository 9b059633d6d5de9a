/** Follows a run's history by long-poll and decodes what people want to know of it. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { ErrorCode } from '../core/error-codes.ts';
import { isErrorCode } from '../core/error-codes.ts';
import { SkillosError } from '../core/errors.ts';
import type { RunFailure, RunOutcome, RunRequest, RunState } from '../core/run.ts';
import { SEARCH_ATTRIBUTES } from '../core/search-attributes.ts';
import type { TraceEnd, TraceEvent } from '../core/trace.ts';
import type { StepInput, StepResult } from '../workflows/messages.ts';
import type { Temporal } from './connection.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;
type Failure = temporal.api.failure.v1.IFailure | null | undefined;

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
      const decoded = await decodeEvent(client, event);
      if (decoded === undefined) continue;
      yield decoded;
      if (decoded.kind === 'run_ended') return;
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

async function decodeEvent(client: Client, event: HistoryEvent): Promise<TraceEvent | undefined> {
  const at = new Date(
    Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6,
  ).toISOString();
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const input = await decode<StepInput>(client, scheduled.input);
    const { number: step, skill } = input.step;
    const { attemptsBefore, undoes = false } = input;
    return {
      kind: 'step_scheduled',
      at,
      activity: String(event.eventId),
      step,
      skill,
      attemptsBefore,
      undoes,
    };
  }
  const attributes = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  const state = attributes?.[SEARCH_ATTRIBUTES.state.name];
  if (state) {
    const { payloadConverter } = client.options.loadedDataConverter;
    return { kind: 'run_state', at, state: payloadConverter.fromPayload<RunState>(state) };
  }
  if (event.workflowExecutionStartedEventAttributes) return { kind: 'run_started', at };
  if (event.workflowTaskStartedEventAttributes) return { kind: 'run_taken', at };
  return (await decodeStepEvent(client, event, at)) ?? (await decodeEnd(client, event, at));
}

async function decodeStepEvent(
  client: Client,
  event: HistoryEvent,
  at: string,
): Promise<TraceEvent | undefined> {
  const started = event.activityTaskStartedEventAttributes;
  if (started) {
    return {
      kind: 'step_started',
      at,
      activity: String(started.scheduledEventId),
      attempt: started.attempt ?? 1,
    };
  }
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) {
    const { settled: _, ...output } = await decode<StepResult>(client, completed.result);
    return { kind: 'step_succeeded', at, activity: String(completed.scheduledEventId), output };
  }
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  if (failed) {
    return {
      kind: 'step_failed',
      at,
      activity: String(failed.scheduledEventId),
      failure: failureOf(failed.failure),
    };
  }
  const cancelled = event.activityTaskCanceledEventAttributes;
  return cancelled ? { kind: 'step_cancelled', at, activity: String(cancelled.scheduledEventId) } : undefined;
}

async function decodeEnd(client: Client, event: HistoryEvent, at: string): Promise<TraceEvent | undefined> {
  const end = await endOf(client, event);
  return end === undefined ? undefined : { kind: 'run_ended', at, end };
}

async function endOf(client: Client, event: HistoryEvent): Promise<TraceEnd | undefined> {
  if (event.workflowExecutionCompletedEventAttributes) {
    return decode<RunOutcome>(client, event.workflowExecutionCompletedEventAttributes.result);
  }
  if (event.workflowExecutionFailedEventAttributes) {
    const failure = failureOf(event.workflowExecutionFailedEventAttributes.failure);
    return { status: 'error', reason: failure.code, failure };
  }
  if (event.workflowExecutionCanceledEventAttributes) return { status: 'cancelled', reason: 'run_cancelled' };
  if (event.workflowExecutionTerminatedEventAttributes ?? event.workflowExecutionTimedOutEventAttributes) {
    const reason = event.workflowExecutionTerminatedEventAttributes?.reason;
    const message = reason ? `Run terminated: ${reason}` : 'Run terminated from outside';
    return { status: 'error', reason: 'run_terminated', failure: { code: 'run_terminated', message } };
  }
  return undefined;
}

/** The failure under the wrappers: an application failure's type is our code, a lost worker has none. */
function failureOf(failure: Failure): RunFailure {
  let inner: Failure = failure;
  while (inner?.cause && !inner.applicationFailureInfo) inner = inner.cause;
  const type = inner?.applicationFailureInfo?.type ?? '';
  const code: ErrorCode = isErrorCode(type)
    ? type
    : inner?.timeoutFailureInfo
      ? 'outcome_unknown'
      : 'internal';
  return { code, message: inner?.message ?? 'Unknown failure' };
}

async function decode<T>(client: Client, payloads: Payloads): Promise<T> {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let encoded: temporal.api.common.v1.IPayload[] = payloads?.payloads ?? [];
  for (const codec of payloadCodecs) encoded = await codec.decode(encoded);
  const [payload = {}] = encoded;
  if (Buffer.from(payload.metadata?.['encoding'] ?? []).toString() === 'binary/encrypted') {
    throw new SkillosError('payload_unreadable', 'Temporal stores this run encrypted, and no key is set', {
      hint: 'Set SKILLOS_PAYLOAD_KEY to the key that the run was started with',
    });
  }
  return payloadConverter.fromPayload<T>(payload);
}
