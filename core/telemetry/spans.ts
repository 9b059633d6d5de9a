/** The spans of a request, a run, a step and a connector call. */
import type { CallReport } from '../connectors/connector.ts';
import type { Settlement } from '../runs/run.ts';
import type { EndedRun } from './start-events.ts';
import { childContext } from './trace-context.ts';
import type { TraceContext } from './trace-context.ts';
import type { Span } from './tracing.ts';

interface Place {
  readonly context: TraceContext;
  readonly parent?: TraceContext | undefined;
}

/** `executionId` is Temporal's run id; `endMs` is in Unix milliseconds. */
interface RunEnd extends EndedRun {
  readonly executionId: string;
  readonly endMs: number;
}

/** From the request to the end of the run. */
export function runSpan(place: Place, settlement: Settlement, run: RunEnd): Span {
  const { id, executionId, skill, schedule, isJob, endMs, durationMs } = run;
  return {
    ...place,
    name: `run ${skill}`,
    kind: 'internal',
    startMs: endMs - durationMs,
    endMs,
    attributes: {
      'skillos.run.id': id,
      'skillos.run.status': settlement.status,
      'skillos.skill': skill,
      'temporal.run.id': executionId,
      ...(isJob ? { 'skillos.job': true } : {}),
      ...(schedule === undefined ? {} : { 'skillos.schedule': schedule }),
      ...(settlement.status === 'blocked' ? { 'skillos.run.reason': settlement.reason } : {}),
    },
    ...(settlement.status === 'error' ? { error: settlement.failure.code } : {}),
  };
}

/** One attempt of a step. */
export interface StepAttempt {
  readonly runId: string;
  readonly skill: string;
  /** From 1. */
  readonly step: number;
  readonly attempt: number;
  readonly isRollback: boolean;
  readonly startMs: number;
  readonly endMs: number;
  /** Code of the failure. */
  readonly error?: string | undefined;
}

export function stepSpan(place: Place, attempt: StepAttempt): Span {
  const { runId, skill, step, isRollback, startMs, endMs, error } = attempt;
  return {
    ...place,
    name: `${isRollback ? 'rollback' : 'step'} ${skill}`,
    kind: 'internal',
    startMs,
    endMs,
    attributes: {
      'skillos.run.id': runId,
      'skillos.skill': skill,
      'skillos.step': step,
      'skillos.attempt': attempt.attempt,
    },
    error,
  };
}

/** `number` counts the calls of an attempt; `endMs` is in Unix milliseconds. */
export function callSpan(
  parent: TraceContext,
  call: CallReport,
  { number, endMs }: { readonly number: number; readonly endMs: number },
): Span {
  const { connector, method, host, status, code, ms, bytes } = call;
  return {
    context: childContext(parent, `call ${number}`),
    parent,
    name: `${method} ${connector}`,
    kind: 'client',
    startMs: endMs - ms,
    endMs,
    attributes: {
      'skillos.connector': connector,
      'skillos.operation': method,
      'server.address': host,
      'skillos.response.bytes': bytes,
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
    },
    ...(code === undefined ? {} : { error: code }),
  };
}

/** A request that the API has answered. `route` is the pattern of its path. */
export interface AnsweredRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly requestId: string;
  readonly startMs: number;
  readonly endMs: number;
}

export function requestSpan(place: Place, request: AnsweredRequest): Span {
  const { method, route, status, requestId, startMs, endMs } = request;
  return {
    ...place,
    name: `${method} ${route}`,
    kind: 'server',
    startMs,
    endMs,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'skillos.request.id': requestId,
    },
    // The conventions of OpenTelemetry count only faults of the server as errors of a server's span.
    ...(status >= 500 ? { error: String(status) } : {}),
  };
}

/** A command that has started runs; `words` are those of the command. */
export function commandSpan(
  context: TraceContext,
  {
    words,
    startMs,
    endMs,
  }: { readonly words: readonly string[]; readonly startMs: number; readonly endMs: number },
): Span {
  return { context, name: ['skillos', ...words].join(' '), kind: 'internal', startMs, endMs, attributes: {} };
}
