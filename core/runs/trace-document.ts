/** The history of a run as `skillos.trace/v1`: a tree of steps with inputs, outputs, attempts and durations. */
import type { Carried } from '../values/carried.ts';
import { callFields, callsKey } from '../connectors/call-log.ts';
import type { CallLog } from '../connectors/call-log.ts';
import { msOf } from '../values/iso-time.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { untracedStatus } from './run-document.ts';
import type { RunFailure, RunRecord } from './run.ts';
import type { PauseTrace, Planned, RunTrace, StepTrace } from './trace.ts';
import type { PendingStep } from './why.ts';

export interface Traced {
  readonly record: RunRecord;
  readonly trace: RunTrace;
  /** Pending activities, from Temporal. */
  readonly pending?: readonly PendingStep[];
  /** Connector calls, from the log of the run. */
  readonly calls?: CallLog;
}

export function traceDocument(traced: Traced): JsonObject & { readonly schema: string } {
  const { record, trace } = traced;
  const { prepared, startedAt, takenAt, endedAt, undoings, pauses = [], decisions = [], waits = [] } = trace;
  return {
    schema: 'skillos.trace/v1',
    run_id: record.id,
    status: record.status,
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    ...(record.origin === undefined
      ? {}
      : { origin: { run_id: record.origin.runId, from: record.origin.from } }),
    ...(prepared === undefined ? {} : plannedFields(prepared, record)),
    ...times({ asked_at: startedAt, taken_at: takenAt, ended_at: endedAt }),
    ...durations({ queue_ms: [startedAt, takenAt], total_ms: [startedAt, endedAt] }),
    ...(waits.some(({ until }) => until !== undefined) ? { waited_ms: waitedMs(waits) } : {}),
    ...(prepared === undefined ? {} : { tree: treeOf(prepared.plan) }),
    steps: record.steps.map((step) => stepDocument(step, traced)),
    ...(undoings.length === 0
      ? {}
      : { rollback: undoings.map((step) => activityFields(step, callsOf(traced, step, true))) }),
    ...(pauses.length === 0 ? {} : { pauses: pauses.map(pauseDocument) }),
    ...(decisions.length === 0 ? {} : { decisions: decisions as unknown as readonly JsonObject[] }), // its fields are plain JSON
  };
}

function plannedFields({ digest, payload }: Planned, record: RunRecord): JsonObject {
  const known = digest ?? record.digest;
  return { ...(known === undefined ? {} : { plan_digest: known }), payload: shown(payload) };
}

/** Time that the run has waited for people. A wait that has not ended does not count yet. */
function waitedMs(waits: NonNullable<RunTrace['waits']>): number {
  return waits.reduce((sum, { at, until = at }) => sum + msOf(until) - msOf(at), 0);
}

/** The plan with step numbers as leaves. */
function treeOf(plan: Planned['plan']): JsonObject {
  if (plan.kind === 'step') return { kind: 'step', step: plan.step.number };
  return { kind: plan.kind, children: plan.plans.map(treeOf) };
}

function stepDocument({ number, skill, variant }: RunRecord['steps'][number], traced: Traced): JsonObject {
  const { record, trace, pending = [] } = traced;
  const taken = variant === undefined ? {} : { variant };
  const step = trace.steps.find((each) => each.number === number);
  if (step === undefined)
    return { id: number, skill, ...taken, status: untracedStatus(record, trace, number) };
  const live = pending.find(({ activityId }) => activityId === step.activityId);
  return {
    ...activityFields(step, callsOf(traced, step, false)),
    ...taken,
    ...(live === undefined ? {} : liveFields(live)),
  };
}

function callsOf({ calls }: Traced, { number }: StepTrace, undoes: boolean): JsonObject {
  return callFields(calls?.get(callsKey(number, undoes)));
}

function activityFields(step: StepTrace, calls: JsonObject): JsonObject {
  const { number, skill, status, attempts, input, output, scheduledAt, startedAt, endedAt } = step;
  return {
    id: number,
    skill,
    status,
    attempts,
    input: shown(input),
    ...(output === undefined ? {} : { output: shown(output) }),
    ...failures({ error: step.failure, last_failure: step.lastFailure }),
    ...calls,
    ...times({ scheduled_at: scheduledAt, started_at: startedAt, ended_at: endedAt }),
    ...durations({
      // The history has the start of the last attempt only.
      ...(attempts === 1 ? { queue_ms: [scheduledAt, startedAt] } : {}),
      run_ms: [startedAt, endedAt],
      total_ms: [scheduledAt, endedAt],
    }),
  };
}

/** Fields of a running step, which the history has only after its end. */
function liveFields({ isRunning, attempt, waiting, nextAt, failure, progress }: PendingStep): JsonObject {
  return {
    status: isRunning ? 'running' : 'scheduled',
    attempts: attempt,
    ...(waiting === undefined ? {} : { waiting }),
    ...(nextAt === undefined ? {} : { next_attempt_at: nextAt }),
    ...(failure === undefined ? {} : { last_failure: { message: failure } }),
    ...(progress === undefined ? {} : { progress }),
  };
}

function pauseDocument({ step, at, until, ended, edited }: PauseTrace): JsonObject {
  return {
    step,
    at,
    ...times({ until }),
    ...(ended === undefined ? {} : { ended_by: ended }),
    ...(edited === undefined ? {} : { edited: shown(edited) }),
    ...durations({ wait_ms: [at, until] }),
  };
}

/** A value by reference is shown as its hash and size. */
function shown(carried: Carried): JsonValue {
  if ('value' in carried) return carried.value;
  return 'ref' in carried ? { ref: carried.ref, bytes: carried.bytes } : carried.parts.map(shown);
}

function times(given: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function durations(
  given: Readonly<Record<string, readonly [string | undefined, string | undefined]>>,
): JsonObject {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, [from, to]]) =>
      from === undefined || to === undefined ? [] : [[name, msOf(to) - msOf(from)]],
    ),
  );
}

function failures(given: Readonly<Record<string, RunFailure | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, failure]) =>
      failure === undefined ? [] : [[name, { code: failure.code, message: failure.message }]],
    ),
  );
}
