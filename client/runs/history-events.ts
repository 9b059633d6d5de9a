/** Decodes events of a Temporal history into trace events. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { ErrorCode } from '../../core/errors/error-codes.ts';
import { isErrorCode } from '../../core/errors/error-codes.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { DEFERRED, onlyStep } from '../../core/runs/single-request.ts';
import type { Prepared, RunFailure, RunOutcome, RunState } from '../../core/runs/run.ts';
import type { StepCommand } from '../../core/runs/step-command.ts';
import { SEARCH_ATTRIBUTES } from '../../core/runs/search-attributes.ts';
import type { TraceEnd, TraceEvent } from '../../core/runs/trace.ts';
import { STEP_SIGNALS, STEP_UPDATE } from '../../workflows/messages.ts';
import type {
  Admitted,
  Amended,
  GateActivities,
  Marked,
  OpeningInput,
  StepInput,
  StepResult,
  Evaluated,
} from '../../workflows/messages.ts';
import { decode } from '../temporal/payloads.ts';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Failure = temporal.api.failure.v1.IFailure | null | undefined;

/** Returns an empty list for history events that the trace does not show. */
export async function decodeEvent(client: Client, event: HistoryEvent): Promise<readonly TraceEvent[]> {
  const at = new Date(
    Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6,
  ).toISOString();
  if (event.activityTaskScheduledEventAttributes) return decodeScheduled(client, event, at);
  if (event.activityTaskFailedEventAttributes) return [await decodeFailed(client, event, at)];
  const known =
    decodeState(client, event, at) ??
    (await decodeStepEvent(client, event, at)) ??
    (await decodeMarker(client, event, at)) ??
    (await decodeOrder(client, event, at)) ??
    (await decodeEnd(client, event, at));
  return known === undefined ? [] : [known];
}

/** The opening activity of a one-step run also carries the plan, which it has not frozen yet. */
async function decodeScheduled(
  client: Client,
  { eventId, activityTaskScheduledEventAttributes: scheduled }: HistoryEvent,
  at: string,
): Promise<readonly TraceEvent[]> {
  const given = await decode<StepInput | OpeningInput>(client, scheduled?.input);
  const { number, skill, concurrency } = 'opens' in given ? onlyStep(given.opens) : given.step;
  const event: TraceEvent = {
    kind: 'step_scheduled',
    at,
    activity: String(eventId),
    step: number,
    skill,
    attemptsBefore: given.attemptsBefore,
    undoes: 'undoes' in given && (given.undoes ?? false),
    input: 'opens' in given ? (given.opens.plan.step.payload ?? given.opens.payload) : given.payload,
    ...(scheduled?.activityId ? { activityId: scheduled.activityId } : {}),
    ...(concurrency === undefined ? {} : { isLimited: true }),
  };
  if (!('opens' in given)) return [event];
  const plan = { kind: 'step', step: { number, skill } } as const;
  return [{ kind: 'run_prepared', at, prepared: { plan, payload: given.opens.payload } }, event];
}

/**
 * An activity that deferred its step, without beginning it, says so in the failure's details. One that found no slot has
 * failed only if it was cancelled at that time.
 */
async function decodeFailed(
  client: Client,
  { activityTaskFailedEventAttributes: failed }: HistoryEvent,
  at: string,
): Promise<TraceEvent> {
  const activity = String(failed?.scheduledEventId);
  const details = failed?.failure?.applicationFailureInfo?.details;
  const detail = details?.payloads?.length ? await decode<JsonValue>(client, details) : undefined;
  if (detail === DEFERRED) return { kind: 'step_held_back', at, activity };
  const failure = failureOf(failed?.failure);
  if (failure.code === 'concurrency_limited') return { kind: 'step_cancelled', at, activity };
  return failure.code === 'approval_required'
    ? { kind: 'step_parked', at, activity }
    : { kind: 'step_failed', at, activity, failure: { ...failure, ...attemptsIn(detail) } };
}

function attemptsIn(detail: JsonValue | undefined): Pick<RunFailure, 'attempts'> {
  const { attempts } = (detail ?? {}) as JsonObject;
  return typeof attempts === 'number' ? { attempts } : {};
}

/** Decodes events that need no payload of an activity. */
function decodeState(client: Client, event: HistoryEvent, at: string): TraceEvent | undefined {
  const attributes = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  const state = attributes?.[SEARCH_ATTRIBUTES.state.name];
  if (state) {
    const { payloadConverter } = client.options.loadedDataConverter;
    return { kind: 'run_state', at, state: payloadConverter.fromPayload<RunState>(state) };
  }
  if (event.workflowExecutionStartedEventAttributes) return { kind: 'run_started', at };
  return event.workflowTaskStartedEventAttributes ? { kind: 'run_taken', at } : undefined;
}

type Gate = keyof GateActivities;

/** Decodes results of local activities, which Temporal keeps in marker events. */
async function decodeMarker(
  client: Client,
  { markerRecordedEventAttributes: marker }: HistoryEvent,
  at: string,
): Promise<TraceEvent | undefined> {
  const { data, result } = marker?.details ?? {};
  if (!data || !result) return undefined;
  const { activity_type: type } = await decode<{ readonly activity_type: string }>(client, data);
  switch (type) {
    case 'prepare' satisfies Gate: {
      const prepared = await decode<Prepared>(client, result);
      return prepared.status === 'ready' ? { kind: 'run_prepared', at, prepared } : undefined;
    }
    case 'weigh' satisfies Gate:
      return { kind: 'run_decided', at, decision: await decode<Evaluated>(client, result) };
    case 'amend' satisfies Gate: {
      const { step } = await decode<Amended>(client, result);
      return step === undefined ? undefined : { kind: 'step_parked', at, step };
    }
    case 'mark' satisfies Gate: {
      const { step } = await decode<Marked>(client, result);
      return step === undefined ? undefined : { kind: 'step_paused', at, step };
    }
    case 'admit' satisfies Gate: {
      const admitted = await decode<Admitted>(client, result);
      if (!admitted.isAdmitted) return undefined;
      return { kind: 'step_ordered', at, via: 'update', ...admitted.order };
    }
    default:
      return undefined;
  }
}

/** Decodes commands to a run that is stepped through; they arrive as Updates or, from Temporal's own tools, as signals. */
async function decodeOrder(client: Client, event: HistoryEvent, at: string): Promise<TraceEvent | undefined> {
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (update?.name === STEP_UPDATE) {
    const { sent, ...order } = await decode<StepCommand>(client, update.args);
    // A signed command counts only if `admit` says so.
    return sent?.signature === undefined ? { kind: 'step_ordered', at, via: 'update', ...order } : undefined;
  }
  const signal = event.workflowExecutionSignaledEventAttributes;
  const command = STEP_SIGNALS.find((name) => name === signal?.signalName);
  if (command === undefined) return undefined;
  const value =
    command === 'edit' ? await decode<JsonValue>(client, signal?.input).catch(() => undefined) : undefined;
  return {
    kind: 'step_ordered',
    at,
    via: 'signal',
    command,
    ...(value === undefined ? {} : { input: { value } }),
  };
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
      ...lastFailureOf(started.lastFailure),
    };
  }
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) {
    const { settled: _, retries = 0, ...output } = await decode<StepResult>(client, completed.result);
    const activity = String(completed.scheduledEventId);
    return { kind: 'step_succeeded', at, activity, output, attempts: retries + 1 };
  }
  const lost = event.activityTaskTimedOutEventAttributes;
  if (lost) {
    return {
      kind: 'step_failed',
      at,
      activity: String(lost.scheduledEventId),
      failure: failureOf(lost.failure),
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

/** A delivery that found no slot is no failure of the skill. */
function lastFailureOf(failure: Failure): { readonly lastFailure?: RunFailure } {
  const lastFailure = failure ? failureOf(failure) : undefined;
  return lastFailure === undefined || lastFailure.code === 'concurrency_limited' ? {} : { lastFailure };
}

/** Unwraps to the application failure, whose type is our error code; a timeout has no type and becomes `outcome_unknown`. */
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
