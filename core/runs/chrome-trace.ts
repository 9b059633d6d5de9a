/** A run in the Trace Event Format, which chrome://tracing and Perfetto open. */
import { msOf } from '../values/iso-time.ts';
import type { JsonObject } from '../json.ts';
import type { Traced } from './trace-document.ts';
import type { StepTrace } from './trace.ts';

/** Tracks of the trace: track 0 shows the run, steps that run at the same time take tracks from 1. */
const RUN_LANE = 0;
const FIRST_LANE = 1;

export function chromeTrace({ record, trace }: Traced): JsonObject {
  const { startedAt, endedAt, takenAt, pauses = [] } = trace;
  const steps = laned([...trace.steps, ...trace.undoings]);
  const lanes = [...new Set(steps.map(({ lane }) => lane))];
  return {
    displayTimeUnit: 'ms',
    otherData: { run_id: record.id, status: record.status },
    traceEvents: [
      named('process_name', RUN_LANE, record.id),
      named('thread_name', RUN_LANE, 'run'),
      ...lanes.map((lane) => named('thread_name', lane, `steps ${lane}`)),
      ...span('waits for a worker', { lane: RUN_LANE, from: startedAt, to: takenAt, category: 'queue' }),
      ...pauses.flatMap(({ step, at, until }) =>
        span(`paused before step ${step}`, {
          lane: RUN_LANE,
          from: at,
          to: until ?? endedAt,
          category: 'pause',
        }),
      ),
      ...steps.flatMap(({ step, lane }) =>
        stepSpans(step, { lane, isRollback: trace.undoings.includes(step) }),
      ),
    ],
  };
}

function stepSpans(
  step: StepTrace,
  { lane, isRollback }: { readonly lane: number; readonly isRollback: boolean },
): readonly JsonObject[] {
  const { number, skill, scheduledAt, startedAt, endedAt, status, attempts } = step;
  const name = `${isRollback ? 'undoes step' : 'step'} ${number} ${skill}`;
  const args = { status, attempts, ...(step.failure === undefined ? {} : { error: step.failure.message }) };
  return [
    ...span(`${name} (queued)`, { lane, from: scheduledAt, to: startedAt, category: 'queue' }),
    ...span(name, { lane, from: startedAt, to: endedAt, category: isRollback ? 'rollback' : 'step', args }),
  ];
}

interface Span {
  readonly lane: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly category: string;
  readonly args?: JsonObject;
}

/** One complete event; times are microseconds. Empty if the start or the end is unknown. */
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

/** Assigns each step the first track that is free when it is scheduled. */
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
