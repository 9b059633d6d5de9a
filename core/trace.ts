/** A run's history as people read it: what happened, folded into steps. */
import type { RecordedDecision } from './approval.ts';
import type { Carried } from './carried.ts';
import type { FrozenStep, Plan } from './plan.ts';
import type { Ready, RunEnd, RunFailure, RunState } from './run.ts';

/** What the history tells of a plan. That of a run of one step is known before it is frozen, when it has no digest yet. */
export type Planned = Pick<Ready, 'payload' | 'signals'> & {
  readonly plan: Plan<Pick<FrozenStep, 'number' | 'skill'>>;
  readonly digest?: string;
};

/** One event of a run's history; `at` is ISO 8601, `activity` joins the events of one scheduled activity. */
export type TraceEvent =
  | { readonly kind: 'run_started'; readonly at: string }
  /** A worker took the run up; recurs with every workflow task. */
  | { readonly kind: 'run_taken'; readonly at: string }
  | { readonly kind: 'run_prepared'; readonly at: string; readonly prepared: Planned }
  /** The run begins to wait for people, or goes on. */
  | { readonly kind: 'run_state'; readonly at: string; readonly state: RunState }
  | { readonly kind: 'run_decided'; readonly at: string; readonly decision: RecordedDecision }
  /** The run pauses before a step; recurs when the step's input was edited. */
  | { readonly kind: 'step_paused'; readonly at: string; readonly step: number }
  | ({ readonly kind: 'step_ordered'; readonly at: string } & Ordered)
  | {
      readonly kind: 'step_scheduled';
      readonly at: string;
      readonly activity: string;
      readonly step: number;
      readonly skill: string;
      readonly attemptsBefore: number;
      /** The activity undoes the step. */
      readonly undoes: boolean;
      readonly input: Carried;
      /** As Temporal names it while it is pending. */
      readonly activityId?: string;
    }
  | {
      readonly kind: 'step_started';
      readonly at: string;
      readonly activity: string;
      readonly attempt: number;
      /** Why the attempt before this one failed. */
      readonly lastFailure?: RunFailure;
    }
  | {
      readonly kind: 'step_succeeded';
      readonly at: string;
      readonly activity: string;
      readonly output: Carried;
    }
  | {
      readonly kind: 'step_failed';
      readonly at: string;
      readonly activity: string;
      readonly failure: RunFailure;
    }
  /** Its activity has found that the run may not go on at once: the step has not begun. */
  | { readonly kind: 'step_held_back'; readonly at: string; readonly activity: string }
  | { readonly kind: 'step_cancelled'; readonly at: string; readonly activity: string }
  | { readonly kind: 'run_ended'; readonly at: string; readonly end: TraceEnd };

/** What somebody told a run that is stepped through. */
export interface Ordered {
  readonly command: 'next' | 'continue' | 'skip' | 'abort' | 'edit' | 'break';
  /** By signal nobody knows who it was, so it may not count. */
  readonly via: 'update' | 'signal';
  /** The new input of `edit`. */
  readonly input?: Carried;
  /** The step of `break`. */
  readonly step?: number;
}

/** A wait before a step, until it was told to go on. */
export interface PauseTrace {
  readonly step: number;
  readonly at: string;
  readonly until?: string;
  readonly ended?: Ordered['command'];
  /** The last input that somebody gave the step instead of its own. */
  readonly edited?: Carried;
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
  /** Why the attempt before the last one failed; Temporal keeps no more of them. */
  readonly lastFailure?: RunFailure;
  readonly activity: string;
  readonly activityId?: string;
  readonly attemptsBefore: number;
}

export interface RunTrace {
  readonly startedAt?: string;
  readonly takenAt?: string;
  readonly prepared?: Planned;
  readonly preparedAt?: string;
  /** Whether it waits for people; absent where it never did. */
  readonly state?: RunState;
  /** In the order in which they were first scheduled. */
  readonly steps: readonly StepTrace[];
  /** Steps that were undone, under their own numbers and the skills that undo them. */
  readonly undoings: readonly StepTrace[];
  /** In the order of time; absent where there was none. */
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
      return { ...trace, end: event.end, endedAt: event.at };
    case 'run_prepared':
      return { ...trace, prepared: event.prepared, preparedAt: event.at };
    case 'run_state':
      return { ...trace, state: event.state };
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
        attempts: step.attemptsBefore + event.attempt,
        ...(event.lastFailure === undefined ? {} : { lastFailure: event.lastFailure }),
      }));
    case 'step_succeeded':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        status: 'success',
        output: event.output,
        endedAt: event.at,
      }));
    case 'step_failed':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        status: 'error',
        failure: event.failure,
        endedAt: event.at,
      }));
    case 'step_held_back':
      return heldBack(trace, event.activity);
    case 'step_cancelled':
      return changeStep(trace, event.activity, (step) => ({
        ...step,
        status: 'cancelled',
        endedAt: event.at,
      }));
  }
}

/** As before the activity was scheduled: the plan is told of anew if it is frozen after all. */
function heldBack({ prepared: _plan, preparedAt: _at, ...trace }: RunTrace, activity: string): RunTrace {
  return { ...trace, steps: trace.steps.filter((step) => step.activity !== activity) };
}

/** A step whose worker was lost is scheduled once more under the same number: it stays one step. */
function withScheduled(
  steps: readonly StepTrace[],
  event: Extract<TraceEvent, { kind: 'step_scheduled' }>,
): readonly StepTrace[] {
  const { step: number, skill, activity, activityId, attemptsBefore, input, at } = event;
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
    ...(known?.startedAt === undefined ? {} : { startedAt: known.startedAt }),
  };
  return known === undefined ? [...steps, fresh] : steps.map((step) => (step === known ? fresh : step));
}

function changeStep(trace: RunTrace, activity: string, change: (step: StepTrace) => StepTrace): RunTrace {
  const changed = (steps: readonly StepTrace[]) =>
    steps.map((step) => (step.activity === activity ? change(step) : step));
  return { ...trace, steps: changed(trace.steps), undoings: changed(trace.undoings) };
}

/** An edit shows the same pause anew. */
function withPause(
  pauses: readonly PauseTrace[],
  { step, at }: { readonly step: number; readonly at: string },
): readonly PauseTrace[] {
  const last = pauses.at(-1);
  return last?.step === step && last.until === undefined ? pauses : [...pauses, { step, at }];
}

function withOrder(trace: RunTrace, event: Ordered & { readonly at: string }): RunTrace {
  const { command, via, input, at } = event;
  const { pauses = [], prepared } = trace;
  const last = pauses.at(-1);
  const isTaken = via === 'update' || prepared?.signals === true;
  if (last === undefined || last.until !== undefined || !isTaken || command === 'break') return trace;
  const told: PauseTrace =
    command === 'edit'
      ? { ...last, ...(input === undefined ? {} : { edited: input }) }
      : { ...last, until: at, ended: command };
  return { ...trace, pauses: [...pauses.slice(0, -1), told] };
}
