/** Shows a run on stderr while it is followed: one line per step, and on a terminal a line that is redrawn. */
import { styleText } from 'node:util';
import { formatDuration } from '../../core/values/duration.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import { EMPTY_TRACE, applyEvent } from '../../core/runs/trace.ts';
import type { RunTrace, StepTrace } from '../../core/runs/trace.ts';
import type { PendingStep } from '../../core/runs/why.ts';
import type { WatchEvent } from '../../client/runs/watch.ts';
import type { CliContext } from '../context.ts';
import { asAscii, clearing, liveLine, terminalOf, widthOf } from './live-line.ts';
import { plain } from './plain-text.ts';
import { progressText } from './progress-text.ts';

const FRAME_MS = 100;
/** Interval of requests to Temporal for attempts and progress, which are not in the history yet. */
const POLL_INTERVAL_MS = 1000;

export interface LiveViewOptions {
  readonly isQuiet: boolean;
  /** Reads the pending steps from Temporal; called only on a terminal. */
  readonly pending: () => Promise<readonly PendingStep[]>;
}

export interface LiveView {
  readonly trace: () => RunTrace;
  show(event: WatchEvent): void;
  /** Prints a line above the redrawn one. */
  say(line: string): void;
  /** Stops redrawing while `work` uses the terminal. */
  pauseDuring<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export function openLiveView(context: CliContext, { isQuiet, pending }: LiveViewOptions): LiveView {
  let trace = EMPTY_TRACE;
  let isPaused = false;
  let known: readonly PendingStep[] = [];
  const line = redrawnLine(context);
  const isMoving = context.isInteractive && line.canRedraw && !isQuiet;
  const timers = isMoving ? [setInterval(draw, FRAME_MS), setInterval(poll, POLL_INTERVAL_MS)] : [];

  function draw(): void {
    if (isPaused) return;
    context.stderr.write(line.draw(plain(movingLine(trace, known, context.now()))));
  }

  function poll(): void {
    if (!isPaused && trace.steps.some(isOpen)) pending().then(remember, () => remember([])); // the next request may succeed
  }

  function remember(steps: readonly PendingStep[]): void {
    known = steps;
  }

  function say(text: string): void {
    context.stderr.write(`${isMoving ? line.clear() : ''}${line.hasUnicode ? text : asAscii(text)}\n`);
  }

  return {
    trace: () => trace,
    say,
    show(event) {
      if (event.kind === 'no_worker') {
        say('no_worker: no worker polls the task queue; the run waits. Start one: skillos worker');
        return;
      }
      trace = applyEvent(trace, event);
      if (event.kind === 'step_parked' && trace.parked !== undefined && !isQuiet) {
        say(plain(`⏳ step ${trace.parked.number} ${trace.parked.skill} waiting for approval`));
      }
      const activity = 'activity' in event ? event.activity : undefined;
      const step = [...trace.steps, ...trace.undoings].find((each) => each.activity === activity);
      if (!isQuiet && step?.endedAt !== undefined) {
        say(stepLine(step, { isRollback: trace.undoings.includes(step), colored: context.colorDepth > 1 }));
      }
    },
    async pauseDuring(work) {
      isPaused = true;
      if (isMoving) context.stderr.write(line.clear());
      try {
        return await work();
      } finally {
        isPaused = false;
      }
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      if (isMoving) context.stderr.write(line.clear());
    },
  };
}

/** The line that is redrawn; each call returns what to write. */
function redrawnLine({ stderr, env }: CliContext) {
  const terminal = () => terminalOf(stderr, env);
  let frame = 0;
  let width = 0;
  const clear = (): string => {
    const text = clearing(width, terminal());
    width = 0;
    return text;
  };
  const draw = (text: string): string => {
    const cleared = clear();
    const line = liveLine(text, frame++, terminal());
    width = widthOf(line);
    return cleared + line;
  };
  return { ...terminal(), clear, draw };
}

/** Returns `2/5 1.2s · 3 travel/search_hotels 400ms, attempt 2 ████░░░░░░ 40%` */
function movingLine(trace: RunTrace, known: readonly PendingStep[], now: number): string {
  const since = (from: string) => formatDuration(now - Date.parse(from));
  const running = [...trace.steps, ...trace.undoings].filter(isOpen).map((step) => {
    const live = known.find(({ activityId }) => activityId === step.activityId);
    return `${step.number} ${step.skill} ${since(step.scheduledAt)}${progressText(live, now)}`;
  });
  const { prepared, startedAt } = trace;
  const done = trace.steps.filter(({ endedAt }) => endedAt !== undefined).length;
  const head =
    prepared === undefined || startedAt === undefined
      ? ''
      : `${done}/${stepsOf(prepared.plan).length} ${since(startedAt)} · `;
  return head + (running.length === 0 ? idleText(trace) : running.join(', '));
}

function idleText({ takenAt, prepared, state }: RunTrace): string {
  if (takenAt === undefined) return 'waiting for a worker';
  if (prepared === undefined) return 'being prepared';
  if (state === 'awaiting_approval') return 'waiting for an approval';
  return state === 'paused' ? 'paused' : 'between steps';
}

function isOpen({ endedAt }: StepTrace): boolean {
  return endedAt === undefined;
}

/** Returns `✓ step 1 travel/search_flights 45ms`, with the number of attempts if there were several. */
function stepLine(
  step: StepTrace,
  { isRollback, colored }: { readonly isRollback: boolean; readonly colored: boolean },
): string {
  const took = formatDuration(Date.parse(step.endedAt ?? step.scheduledAt) - Date.parse(step.scheduledAt));
  const attempts = step.attempts > 1 ? `, ${step.attempts} attempts` : '';
  const isGood = step.status === 'success';
  const mark = isGood ? '✓' : '✗';
  const painted = colored ? styleText(isGood ? 'green' : 'red', mark) : mark;
  const what = `${isRollback ? 'undid ' : ''}step ${step.number} ${step.skill}`;
  return `${painted} ${plain(`${what} ${took}${attempts}${isGood ? '' : ` ${step.status}`}`)}`;
}
