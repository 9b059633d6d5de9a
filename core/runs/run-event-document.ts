/** An event of a run as `skillos.event/v1`, for the event stream of the API. */
import type { JsonObject } from '../json.ts';
import { decisionDocument } from './run-approval.ts';
import { stepsOf } from '../plans/plan.ts';
import type { RunTrace, TraceEvent } from './trace.ts';

/** `trace` already includes the event. Values by reference are left out; the document of the run has them. */
export function eventDocument(event: TraceEvent, trace: RunTrace): JsonObject {
  return { schema: 'skillos.event/v1', kind: event.kind, at: event.at, ...fieldsOf(event, trace) };
}

function fieldsOf(event: TraceEvent, trace: RunTrace): JsonObject {
  switch (event.kind) {
    case 'run_started':
    case 'run_taken':
    case 'step_held_back':
      return {};
    case 'run_prepared': {
      const { digest, plan } = event.prepared;
      return {
        ...(digest === undefined ? {} : { plan_digest: digest }),
        steps: stepsOf(plan).map(({ number, skill }) => ({ id: number, skill })),
      };
    }
    case 'run_state':
      return { status: event.state };
    case 'run_decided':
      return { decision: decisionDocument(event.decision) };
    case 'step_paused':
      return { step: event.step };
    case 'step_parked':
      return trace.parked === undefined ? {} : { step: trace.parked.number, skill: trace.parked.skill };
    case 'step_ordered':
      return { command: event.command, ...(event.step === undefined ? {} : { step: event.step }) };
    case 'step_scheduled':
    case 'step_started':
    case 'step_cancelled':
      return stepFields(event.activity, trace);
    case 'step_succeeded': {
      const output = 'value' in event.output ? { output: event.output.value } : {};
      return { ...stepFields(event.activity, trace), ...output };
    }
    case 'step_failed': {
      const { code, message } = event.failure;
      return { ...stepFields(event.activity, trace), error: { code, message } };
    }
    case 'run_ended': {
      const { status, reason } = event.end;
      return { status, ...(reason === undefined ? {} : { reason }) };
    }
  }
}

function stepFields(activity: string, { steps, undoings }: RunTrace): JsonObject {
  const undoing = undoings.find((each) => each.activity === activity);
  const step = undoing ?? steps.find((each) => each.activity === activity);
  if (step === undefined) return {}; // a reset removed the event that scheduled it
  const { number, skill, attempts } = step;
  return { step: number, skill, attempt: Math.max(1, attempts), ...(undoing && { undoes: true }) };
}
