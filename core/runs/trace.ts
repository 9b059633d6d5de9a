/** The trace of a run: its history events reduced to steps, pauses and decisions. */
import type { RecordedDecision } from '../approvals/approval.ts';
import type { Carried } from '../values/carried.ts';
import { stepsOf } from '../plans/plan.ts';
import type { FrozenStep, Plan } from '../plans/plan.ts';
import type { Ready, RunEnd, RunFailure, RunState } from './run.ts';

/** The plan in the history. The plan of a run with one step is known before it is frozen and has a digest. */
export type Planned = Pick<Ready, 'payload' | 'signals'> & {
  readonly plan: Plan<Pick<FrozenStep, 'number' | 'skill'>>;
  readonly digest?: string;
};

/** An event in the history of a run. `at` is ISO 8601; `activity` is equal for all events of one scheduled activity. */
export type TraceEvent =
  | { readonly kind: 'run_started'; readonly at: string }
  /** A worker started a workflow task; one per task. */
  | { readonly kind: 'run_taken'; readonly at: string }
  | { readonly kind: 'run_prepared'; readonly at: string; readonly prepared: Planned }
  /** The run begins to wait for an approval or a step command, or continues. */
  | { readonly kind: 'run_state'; readonly at: string; readonly state: RunState }
  | { readonly kind: 'run_decided'; readonly at: string; readonly decision: RecordedDecision }
  /** The run pauses before a step; repeated after each edit of the input. */
  | { readonly kind: 'step_paused'; readonly at: string; readonly step: number }
  | ({ readonly kind: 'step_ordered'; readonly at: string } & StepCommand)
  | {
      readonly kind: 'step_scheduled';
      readonly at: string;
      readonly activity: string;
      readonly step: number;
      readonly skill: string;
      readonly attemptsBefore: number;
      /** True if the activity is the rollback of the step. */
      readonly undoes: boolean;
      readonly input: Carried;
      /** Id of the activity in Temporal. */
      readonly activityId?: string;
      /** The skill has a concurrency limit: deliveries that found no slot are no attempts, and the history counts them. */
      readonly isLimited?: true;
    }
  | {
      readonly kind: 'step_started';
      readonly at: string;
      readonly activity: string;
      readonly attempt: number;
      /** Failure of the attempt before this one. */
      readonly lastFailure?: RunFailure;
    }
  | {
      readonly kind: 'step_succeeded';
      readonly at: string;
      readonly activity: string;
      readonly output: Carried;
      readonly attempts?: number;
    }
  | {
      readonly kind: 'step_failed';
      readonly at: string;
      readonly activity: string;
      readonly failure: RunFailure;
    }
  /**
   * The run waits for an approval before a step. Either the activity of the step has ended before it called the skill, or
   * the step has not been scheduled yet.
   */
  | ({ readonly kind: 'step_parked'; readonly at: string } & (
      { readonly activity: string } | { readonly step: number }
    ))
  /** The activity deferred the step because the run needs an approval or is denied; the skill has not started. */
  | { readonly kind: 'step_held_back'; readonly at: string; readonly activity: string }
  | { readonly kind: 'step_cancelled'; readonly at: string; readonly activity: string }
  | { readonly kind: 'run_ended'; readonly at: string; readonly end: TraceEnd };

/** A command to a paused run. */
export interface StepCommand {
  readonly command: 'next' | 'continue' | 'skip' | 'abort' | 'edit' | 'break';
  /** A signal has no verified sender, so it may not count. */
  readonly via: 'update' | 'signal';
  /** New input, for `edit`. */
  readonly input?: Carried;
  /** Step of the breakpoint, for `break`. */
  readonly step?: number;
}

/** A pause before a step, until a command continued the run. */
export interface PauseTrace {
  readonly step: number;
  readonly at: string;
  readonly until?: string;
  readonly ended?: StepCommand['command'];
  /** The last edited input of the step. */
  readonly edited?: Carried;
}

/** A wait for people: for an approval, until a decision, an expiry or the end of the run, or for a step command. */
interface WaitTrace {
  readonly at: string;
  readonly until?: string;
}

export interface TraceEnd {
  readonly status: RunEnd;
  readonly reason?: string;
  readonly output?: Carried;
  readonly failure?: RunFailure;
}

export interface StepTrace {
  readonly number: number;
  readonly skill: string;
  readonly status: 'scheduled' | 'success' | 'error' | 'cancelled';
  readonly attempts: number;
  readonly scheduledAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly input: Carried;
  readonly output?: Carried;
  readonly failure?: RunFailure;
  /** Failure of the attempt before the last one; Temporal keeps no earlier ones. */
  readonly lastFailure?: RunFailure;
  readonly activity: string;
  readonly activityId?: string;
  readonly attemptsBefore: number;
  /** See `TraceEvent`. */
  readonly isLimited?: true;
}

export interface RunTrace {
  readonly startedAt?: string;
  readonly takenAt?: string;
  readonly prepared?: Planned;
  readonly preparedAt?: string;
  /** State of the run; absent if it never waited for people. */
  readonly state?: RunState;
  /** Times during which the run waited for people, in order; absent if there was none. */
  readonly waits?: readonly WaitTrace[];
  /** The last step before which the run waited for an approval. */
  readonly parked?: Pick<StepTrace, 'number' | 'skill'>;
  /** In order of first scheduling. */
  readonly steps: readonly StepTrace[];
  /** Rollbacks, with the number of the step and the rollback skill. */
  readonly undoings: readonly StepTrace[];
  /** In order of time; absent if there was no pause. */
  readonly pauses?: readonly PauseTrace[];
  readonly decisions?: readonly RecordedDecision[];
  readonly end?: TraceEnd;
  readonly endedAt?: string;
}

export const EMPTY_TRACE: RunTrace = { steps: [], undoings: [] };

export function applyEvent(trace: RunTrace, event: TraceEvent): RunTrace {
  switch (event.kind) {
    case 'run_started':
      return { ...trace, startedAt: event.at };
    case 'run_taken':
      return trace.takenAt === undefined ? { ...trace, takenAt: event.at } : trace;
    case 'run_ended':
      return { ...waited(trace, event.at), end: event.end, endedAt: event.at };
    case 'run_prepared':
      return { ...trace, prepared: event.prepared, preparedAt: event.at };
    case 'run_state':
      return withState(trace, event);
    case 'step_parked':
      return withParked(trace, event);
    case 'run_decided':
      return { ...trace, decisions: [...(trace.decisions ?? []), event.decision] };
    case 'step_paused':
      return { ...trace, pauses: withPause(trace.pauses ?? [], event) };
    case 'step_ordered':
      return withOrder(trace, event);
    case 'step_scheduled':
      return event.undoes
        ? { ...trace, undoings: withScheduled(trace.undoings, event) }
        : { ...trace, steps: withScheduled(trace.steps, event) };
    case 'step_started':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        startedAt: step.startedAt ?? event.at,
        attempts: step.attemptsBefore + (step.isLimited === true ? 1 : event.attempt),
        ...(event.lastFailure === undefined ? {} : { lastFailure: event.lastFailure }),
      }));
    case 'step_succeeded':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        status: 'success',
        attempts: attemptsOf(step, event.attempts),
        output: event.output,
        endedAt: event.at,
      }));
    case 'step_failed':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        status: 'error',
        attempts: attemptsOf(step, event.failure.attempts),
        failure: event.failure,
        endedAt: event.at,
      }));
    case 'step_held_back':
      return deferred(trace, event.activity);
    case 'step_cancelled':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        status: 'cancelled',
        endedAt: event.at,
      }));
  }
}

/** The count of the activity, which the history does not have for a limited step. */
function attemptsOf({ isLimited, attempts }: StepTrace, counted = 1): number {
  return isLimited === true ? counted : attempts;
}

function withState(trace: RunTrace, { state, at }: Extract<TraceEvent, { kind: 'run_state' }>): RunTrace {
  const before = waited(trace, at);
  if (state !== 'awaiting_approval' && state !== 'paused') return { ...before, state };
  return { ...before, state, waits: [...(before.waits ?? []), { at }] };
}

/** Ends the current wait. */
function waited(trace: RunTrace, until: string): RunTrace {
  const { waits = [] } = trace;
  const last = waits.at(-1);
  if (last === undefined || last.until !== undefined) return trace;
  return { ...trace, waits: [...waits.slice(0, -1), { ...last, until }] };
}

/** The step is not part of the trace while it waits, so that its times begin when it is scheduled after the approval. */
function withParked(trace: RunTrace, event: Extract<TraceEvent, { kind: 'step_parked' }>): RunTrace {
  const planned = trace.prepared === undefined ? [] : stepsOf(trace.prepared.plan);
  const parked =
    'activity' in event
      ? trace.steps.find(({ activity }) => activity === event.activity)
      : planned.find(({ number }) => number === event.step);
  if (parked === undefined) return trace; // a reset removed the event that scheduled it
  const { number, skill } = parked;
  return { ...trace, parked: { number, skill }, steps: trace.steps.filter((step) => step !== parked) };
}

/** Removes the step and the plan; `run_prepared` follows if the plan is frozen later. */
function deferred({ prepared: _plan, preparedAt: _at, ...trace }: RunTrace, activity: string): RunTrace {
  return { ...trace, steps: trace.steps.filter((step) => step.activity !== activity) };
}

/** A step that is scheduled again after the loss of its worker stays one step. */
function withScheduled(
  steps: readonly StepTrace[],
  event: Extract<TraceEvent, { kind: 'step_scheduled' }>,
): readonly StepTrace[] {
  const { step: number, skill, activity, activityId, attemptsBefore, input, at, isLimited } = event;
  const known = steps.find((step) => step.number === number);
  const fresh: StepTrace = {
    number,
    skill,
    activity,
    attemptsBefore,
    input,
    status: 'scheduled',
    attempts: attemptsBefore,
    scheduledAt: known?.scheduledAt ?? at,
    ...(activityId === undefined ? {} : { activityId }),
    ...(isLimited === undefined ? {} : { isLimited }),
    ...(known?.startedAt === undefined ? {} : { startedAt: known.startedAt }),
  };
  return known === undefined ? [...steps, fresh] : steps.map((step) => (step === known ? fresh : step));
}

function changeStep(trace: RunTrace, activity: string, change: (step: StepTrace) => StepTrace): RunTrace {
  const changed = (steps: readonly StepTrace[]) =>
    steps.map((step) => (step.activity === activity ? change(step) : step));
  return { ...trace, steps: changed(trace.steps), undoings: changed(trace.undoings) };
}

/** Adds a pause, unless the event repeats the current pause after an edit. */
function withPause(
  pauses: readonly PauseTrace[],
  { step, at }: { readonly step: number; readonly at: string },
): readonly PauseTrace[] {
  const last = pauses.at(-1);
  return last?.step === step && last.until === undefined ? pauses : [...pauses, { step, at }];
}

function withOrder(trace: RunTrace, event: StepCommand & { readonly at: string }): RunTrace {
  const { command, via, input, at } = event;
  const { pauses = [], prepared } = trace;
  const last = pauses.at(-1);
  const isTaken = via === 'update' || prepared?.signals === true;
  if (last === undefined || last.until !== undefined || !isTaken || command === 'break') return trace;
  const changed: PauseTrace =
    command === 'edit'
      ? { ...last, ...(input === undefined ? {} : { edited: input }) }
      : { ...last, until: at, ended: command };
  return { ...trace, pauses: [...pauses.slice(0, -1), changed] };
}
