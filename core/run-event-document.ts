/** One event of a run as `skillos.event/v1`: what those who follow a run over HTTP are sent. */
import type { JsonObject } from './json.ts';
import type { RunTrace, TraceEvent } from './trace.ts';

/** `trace` has the event folded in. */
export function eventDocument(event: TraceEvent, trace: RunTrace): JsonObject {
  const { kind, at } = event;
  return { schema: 'skillos.event/v1', kind, at, ...stepFields(event, trace), ...outcomeFields(event) };
}

function stepFields(event: TraceEvent, { steps }: RunTrace): JsonObject {
  const { activity } = event as { readonly activity?: string };
  const step = steps.find((each) => each.activity === activity);
  return step === undefined
    ? {}
    : { step: step.number, skill: step.skill, attempt: Math.max(1, step.attempts) };
}

/** What travelled by reference is not sent: the run itself shows it. */
function outcomeFields(event: TraceEvent): JsonObject {
  if (event.kind === 'step_succeeded') return 'value' in event.output ? { output: event.output.value } : {};
  if (event.kind === 'step_failed') {
    return { error: { code: event.failure.code, message: event.failure.message } };
  }
  if (event.kind !== 'run_ended') return {};
  const { status, reason } = event.end;
  return { status, ...(reason === undefined ? {} : { reason }) };
}
