/** The connector calls of a run by step, from the log of the run, to which workers write a line for each call. */
import type { JsonObject } from '../json.ts';
import type { CallReport } from './connector.ts';

/** Calls of one attempt that are written to the log; further ones are in the event log only. */
export const MAX_LOGGED_CALLS = 1000;
/** Calls of one step that a trace shows, the first ones. */
const MAX_SHOWN_CALLS = 100;

/** One call. `at` is when it ended, in ISO 8601. */
type LoggedCall = CallReport & { readonly at: string; readonly attempt: number };

interface StepCalls {
  readonly shown: readonly LoggedCall[];
  readonly leftOut: number;
}

/** By `callsKey`. */
export type CallLog = ReadonlyMap<string, StepCalls>;

/** `undoes` is true for the rollback of the step. */
export function callsKey(step: number, undoes: boolean): string {
  return undoes ? `rollback of ${step}` : String(step);
}

/** Returns the calls so far with those among further entries of the log. */
export function addCalls(known: CallLog, entries: readonly JsonObject[]): CallLog {
  const calls = new Map(known);
  for (const { stream, step, at, attempt, rollback, fields } of entries) {
    if (stream !== 'connector') continue;
    // Workers alone write lines of this stream.
    const call = { at, attempt, ...(fields as JsonObject) } as unknown as LoggedCall;
    const key = callsKey(step as number, rollback === true);
    const { shown, leftOut } = calls.get(key) ?? { shown: [], leftOut: 0 };
    const isShown = shown.length < MAX_SHOWN_CALLS;
    calls.set(key, isShown ? { shown: [...shown, call], leftOut } : { shown, leftOut: leftOut + 1 });
  }
  return calls;
}

/** The fields of a step in `skillos.trace/v1`; none without calls. */
export function callFields(calls: StepCalls | undefined): JsonObject {
  if (calls === undefined) return {};
  const { shown, leftOut } = calls;
  return {
    calls: shown as unknown as readonly JsonObject[],
    ...(leftOut === 0 ? {} : { calls_left_out: leftOut }),
  };
}
