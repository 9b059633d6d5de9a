/** What a person sees on stderr while a run goes on: a line per step, and on a terminal a moving one below. */
import { styleText } from 'node:util';
import { formatDuration } from '../core/duration.ts';
import { stepsOf } from '../core/plan.ts';
import { EMPTY_TRACE, applyEvent } from '../core/trace.ts';
import type { RunTrace, StepTrace } from '../core/trace.ts';
import type { PendingStep } from '../core/why.ts';
import type { WatchEvent } from '../client/watch.ts';
import type { CliContext } from './context.ts';
import { progressText } from './progress-text.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;
/** How often Temporal is asked for attempts and progress, which the history has only afterwards. */
const LOOK_MS = 1000;
const CLEAR_LINE = '\r\u001B[K';

export interface LiveViewOptions {
  readonly isQuiet: boolean;
  /** What Temporal tells of steps that have not ended; asked only where a person looks on. */
  readonly pending: () => Promise<readonly PendingStep[]>;
}

export interface LiveView {
  readonly trace: () => RunTrace;
  show(event: WatchEvent): void;
  /** A line of its own, above the moving one. */
  say(line: string): void;
  /** Nothing moves while `work` has the terminal. */
  still<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export function openLiveView(context: CliContext, { isQuiet, pending }: LiveViewOptions): LiveView {
  let trace = EMPTY_TRACE;
  let frame = 0;
  let isStill = false;
  let known: readonly PendingStep[] = [];
  const isMoving = context.isInteractive && !isQuiet;
  const timers = isMoving ? [setInterval(draw, FRAME_MS), setInterval(look, LOOK_MS)] : [];

  function draw(): void {
    if (isStill) return;
    const mark = FRAMES[frame++ % FRAMES.length] as string;
    context.stderr.write(`${CLEAR_LINE}${mark} ${movingLine(trace, known, context.now())}`);
  }

  function look(): void {
    if (!isStill && trace.steps.some(isOpen)) pending().then(remember, () => remember([])); // it is asked again
  }

  function remember(steps: readonly PendingStep[]): void {
    known = steps;
  }

  function say(line: string): void {
    context.stderr.write(`${isMoving ? CLEAR_LINE : ''}${line}\n`);
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
      const activity = 'activity' in event ? event.activity : undefined;
      const step = [...trace.steps, ...trace.undoings].find((each) => each.activity === activity);
      if (!isQuiet && step?.endedAt !== undefined) {
        say(stepLine(step, { isUndoing: trace.undoings.includes(step), colored: context.colorDepth > 1 }));
      }
    },
    async still(work) {
      isStill = true;
      if (isMoving) context.stderr.write(CLEAR_LINE);
      try {
        return await work();
      } finally {
        isStill = false;
      }
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      if (isMoving) context.stderr.write(CLEAR_LINE);
    },
  };
}

/** `2/5 1.2s · 3 travel/search_hotels 400ms, attempt 2 ████░░░░░░ 40%` */
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

function idleText({ takenAt, state }: RunTrace): string {
  if (takenAt === undefined) return 'waiting for a worker';
  if (state === 'awaiting_approval') return 'waiting for an approval';
  return state === 'paused' ? 'paused' : 'between steps';
}

function isOpen({ endedAt }: StepTrace): boolean {
  return endedAt === undefined;
}

/** `✓ step 1 travel/search_flights 45ms`, with the attempts where there were several. */
function stepLine(
  step: StepTrace,
  { isUndoing, colored }: { readonly isUndoing: boolean; readonly colored: boolean },
): string {
  const took = formatDuration(Date.parse(step.endedAt ?? step.scheduledAt) - Date.parse(step.scheduledAt));
  const attempts = step.attempts > 1 ? `, ${step.attempts} attempts` : '';
  const isGood = step.status === 'success';
  const mark = isGood ? '✓' : '✗';
  const painted = colored ? styleText(isGood ? 'green' : 'red', mark) : mark;
  const what = `${isUndoing ? 'undid ' : ''}step ${step.number} ${step.skill}`;
  return `${painted} ${what} ${took}${attempts}${isGood ? '' : ` ${step.status}`}`;
}
