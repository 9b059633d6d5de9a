/** Compares two runs: request, steps, inputs, outputs, outcome and durations. */
import diff from 'microdiff';
import { msOf } from '../values/iso-time.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { untracedStatus } from './run-document.ts';
import type { RunRecord, RunRequest } from './run.ts';
import type { RunTrace } from './trace.ts';

/** A run with values loaded instead of references. */
export interface ComparedRun {
  readonly record: RunRecord;
  readonly trace: RunTrace;
  readonly request: Pick<RunRequest, 'maxRetries' | 'noRollback' | 'stepThrough'>;
  readonly payload: JsonValue;
  /** By step number. */
  readonly inputs: ReadonlyMap<number, JsonValue>;
  readonly outputs: ReadonlyMap<number, JsonValue>;
  readonly result?: JsonValue;
}

/** `path` is dotted, such as `steps.2.output.city`. `before` or `after` is absent if that run has no value there. */
export interface Change {
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
}

export interface RunDiff {
  readonly changes: readonly Change[];
  /** Durations in milliseconds. They are not changes, because they always differ. */
  readonly timing: readonly Timing[];
}

interface Timing {
  readonly what: string;
  readonly before?: number;
  readonly after?: number;
}

export function diffRuns(before: ComparedRun, after: ComparedRun): RunDiff {
  const changes = diff(comparable(before), comparable(after)).map((change) => {
    const path = change.path.join('.');
    switch (change.type) {
      case 'CREATE':
        return { path, after: change.value as JsonValue };
      case 'REMOVE':
        return { path, before: change.oldValue as JsonValue };
      case 'CHANGE':
        return { path, before: change.oldValue as JsonValue, after: change.value as JsonValue };
    }
  });
  const left = timesOf(before);
  const right = timesOf(after);
  const timing = [...new Set([...left.keys(), ...right.keys()])].map((what) =>
    timingOf(what, left.get(what), right.get(what)),
  );
  return { changes, timing };
}

function comparable({ record, request, payload, inputs, outputs, result, trace }: ComparedRun): JsonObject {
  const { status, reason, error, principal, steps, undoings = [] } = record;
  return {
    request: {
      payload,
      principal: principal.subject,
      ...given('max_retries', request.maxRetries),
      ...given('no_rollback', request.noRollback),
      ...given('step_through', request.stepThrough),
    },
    steps: Object.fromEntries(
      steps.map(({ number, skill, hash }) => {
        const traced = trace.steps.find((step) => step.number === number);
        const status = traced?.status ?? untracedStatus(record, trace, number);
        const values = { ...given('input', inputs.get(number)), ...given('output', outputs.get(number)) };
        return [number, { skill, code: hash, status, ...given('attempts', traced?.attempts), ...values }];
      }),
    ),
    rollback: undoings.map(({ step, skill, failure }) => ({ step, skill, undone: failure === undefined })),
    outcome: {
      status,
      ...given('reason', reason),
      ...given('error', error?.message),
      ...given('result', result),
    },
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: Value });
}

function timingOf(what: string, before: number | undefined, after: number | undefined): Timing {
  return { what, ...given('before', before), ...given('after', after) };
}

function timesOf({ trace }: ComparedRun): ReadonlyMap<string, number> {
  const spans = [
    { what: 'run', from: trace.startedAt, to: trace.endedAt },
    ...trace.steps.map(({ number, skill, scheduledAt, endedAt }) => ({
      what: `step ${number} ${skill}`,
      from: scheduledAt,
      to: endedAt,
    })),
  ];
  return new Map(
    spans.flatMap(({ what, from, to }) =>
      from === undefined || to === undefined ? [] : [[what, msOf(to) - msOf(from)] as const],
    ),
  );
}
