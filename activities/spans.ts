/** Records the spans of runs and steps. Their contexts follow from ids, so that activities pass nothing on. */
import { activityInfo } from '@temporalio/activity';
import type { Settlement } from '../core/runs/run.ts';
import { runSpan, stepSpan } from '../core/telemetry/spans.ts';
import type { StepAttempt } from '../core/telemetry/spans.ts';
import type { EndedRun } from '../core/telemetry/start-events.ts';
import { childContext, parseTraceparent, runContext } from '../core/telemetry/trace-context.ts';
import type { TraceContext } from '../core/telemetry/trace-context.ts';
import type { Tracing } from '../core/telemetry/tracing.ts';
import type { OpeningInput, StepInput } from '../workflows/messages.ts';
import { currentExecution } from './execution.ts';
import { scheduledStep } from './fast-path.ts';
import { countAttempts } from './steps/limited-step.ts';

interface SpanPorts {
  /** Absent unless traces are sent. */
  readonly tracing?: Tracing | undefined;
  readonly now: () => number;
}

/** The trace context of the request that a step belongs to. */
export function traceparentIn(input: StepInput | OpeningInput): string | undefined {
  return 'opens' in input ? input.opens.traceparent : input.traceparent;
}

/** The context of the attempt that the current activity is. */
export function attemptContext(tracing: Tracing, traceparent: string | undefined): TraceContext {
  return attemptOf(runContext(currentExecution(), traceparent, tracing.ratio));
}

function attemptOf(run: TraceContext): TraceContext {
  const { activityId, attempt } = activityInfo();
  return childContext(run, `${activityId} ${attempt}`);
}

export function recordRun(
  { tracing, now }: SpanPorts,
  traceparent: string | undefined,
  { settlement, run }: { readonly settlement: Settlement; readonly run: EndedRun },
): void {
  if (tracing === undefined) return;
  const execution = currentExecution();
  const context = runContext(execution, traceparent, tracing.ratio);
  const end = { ...run, executionId: execution.executionId, endMs: now() };
  tracing.record(runSpan({ context, parent: parseTraceparent(traceparent) }, settlement, end));
}

export function recordAttempt(
  { tracing, now }: SpanPorts,
  input: StepInput | OpeningInput,
  attempt: Pick<StepAttempt, 'skill' | 'step' | 'startMs' | 'error'>,
): void {
  if (tracing === undefined) return;
  const execution = currentExecution();
  const parent = runContext(execution, traceparentIn(input), tracing.ratio);
  tracing.record(
    stepSpan(
      { context: attemptOf(parent), parent },
      {
        ...attempt,
        runId: execution.id,
        attempt: countAttempts(scheduledStep(input), input).attempt,
        isRollback: 'undoes' in input && input.undoes,
        endMs: now(),
      },
    ),
  );
}
