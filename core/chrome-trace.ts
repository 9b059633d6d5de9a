/** A run as a trace file that chrome://tracing and Perfetto open (the Trace Event Format). */
import { msOf } from './iso-time.ts';
import type { JsonObject } from './json.ts';
import type { Traced } from './trace-document.ts';
import type { StepTrace } from './trace.ts';

/** Tracks of the picture; steps that run at once take further ones. */
const PEOPLE = 0;
const FIRST_LANE = 1;

export function chromeTrace({ record, trace }: Traced): JsonObject {
  const { startedAt, endedAt, takenAt, pauses = [] } = trace;
  const steps = laned([...trace.steps, ...trace.undoings]);
  const lanes = [...new Set(steps.map(({ lane }) => lane))];
  return {
    displayTimeUnit: 'ms',
    otherData: { run_id: record.id, status: record.status },
    traceEvents: [
      named('process_name', PEOPLE, record.id),
      named('thread_name', PEOPLE, 'run'),
      ...lanes.map((lane) => named('thread_name', lane, `steps ${lane}`)),
      ...span('waits for a worker', { lane: PEOPLE, from: startedAt, to: takenAt, category: 'queue' }),
      ...pauses.flatMap(({ step, at, until }) =>
        span(`paused before step ${step}`, {
          lane: PEOPLE,
          from: at,
          to: until ?? endedAt,
          category: 'pause',
        }),
      ),
      ...steps.flatMap(({ step, lane }) =>
        stepSpans(step, { lane, isUndoing: trace.undoings.includes(step) }),
      ),
    ],
  };
}

function stepSpans(
  step: StepTrace,
  { lane, isUndoing }: { readonly lane: number; readonly isUndoing: boolean },
): readonly JsonObject[] {
  const { number, skill, scheduledAt, startedAt, endedAt, status, attempts } = step;
  const name = `${isUndoing ? 'undoes step' : 'step'} ${number} ${skill}`;
  const args = { status, attempts, ...(step.failure === undefined ? {} : { error: step.failure.message }) };
  return [
    ...span(`${name} (queued)`, { lane, from: scheduledAt, to: startedAt, category: 'queue' }),
    ...span(name, { lane, from: startedAt, to: endedAt, category: isUndoing ? 'rollback' : 'step', args }),
  ];
}

interface Span {
  readonly lane: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly category: string;
  readonly args?: JsonObject;
}

/** Times are microseconds. Nothing where an end is not known. */
function span(name: string, { lane, from, to, category, args }: Span): readonly JsonObject[] {
  if (from === undefined || to === undefined) return [];
  const ts = msOf(from) * 1000;
  const dur = msOf(to) * 1000 - ts;
  return [
    { name, cat: category, ph: 'X', pid: 1, tid: lane, ts, dur, ...(args === undefined ? {} : { args }) },
  ];
}

function named(kind: string, lane: number, name: string): JsonObject {
  return { name: kind, ph: 'M', pid: 1, tid: lane, args: { name } };
}

/** Each step on the first track that is free when it is scheduled. */
function laned(steps: readonly StepTrace[]): readonly { readonly step: StepTrace; readonly lane: number }[] {
  const free: number[] = [];
  return steps.map((step) => {
    const from = msOf(step.scheduledAt);
    const found = free.findIndex((until) => until <= from);
    const index = found === -1 ? free.length : found;
    free[index] = step.endedAt === undefined ? Infinity : msOf(step.endedAt);
    return { step, lane: FIRST_LANE + index };
  });
}
