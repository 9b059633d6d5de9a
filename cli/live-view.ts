/** What a person sees on stderr while a run goes on: a line per step, and on a terminal a moving one below. */
import { styleText } from 'node:util';
import { formatDuration } from '../core/duration.ts';
import { EMPTY_TRACE, applyEvent } from '../core/trace.ts';
import type { RunTrace, StepTrace } from '../core/trace.ts';
import type { WatchEvent } from '../client/watch.ts';
import type { CliContext } from './context.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;
const CLEAR_LINE = '\r\u001B[K';

export interface LiveView {
  readonly trace: () => RunTrace;
  show(event: WatchEvent): void;
  /** A line of its own, above the moving one. */
  say(line: string): void;
  close(): void;
}

export function openLiveView(context: CliContext, isQuiet: boolean): LiveView {
  let trace = EMPTY_TRACE;
  let frame = 0;
  const isMoving = context.isInteractive && !isQuiet;
  const timer = isMoving ? setInterval(draw, FRAME_MS) : undefined;

  function draw(): void {
    const running = trace.steps.filter((step) => step.status === 'scheduled');
    const mark = FRAMES[frame++ % FRAMES.length] as string;
    const names = running.map((step) => `${step.number} ${step.skill} ${elapsed(step)}`).join(', ');
    context.stderr.write(`${CLEAR_LINE}${mark} ${names === '' ? 'waiting for a worker' : names}`);
  }

  function elapsed(step: StepTrace): string {
    return formatDuration(context.now() - Date.parse(step.startedAt ?? step.scheduledAt));
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
      const step = 'activity' in event ? trace.steps.find((s) => s.activity === event.activity) : undefined;
      if (!isQuiet && step?.endedAt !== undefined) say(stepLine(step, context.colorDepth > 1));
    },
    close() {
      clearInterval(timer);
      if (isMoving) context.stderr.write(CLEAR_LINE);
    },
  };
}

/** `✓ step 1 travel/search_flights 45ms`, with the attempts where there were several. */
function stepLine(step: StepTrace, colored: boolean): string {
  const took = formatDuration(Date.parse(step.endedAt ?? step.scheduledAt) - Date.parse(step.scheduledAt));
  const attempts = step.attempts > 1 ? `, ${step.attempts} attempts` : '';
  const isGood = step.status === 'success';
  const mark = isGood ? '✓' : '✗';
  const painted = colored ? styleText(isGood ? 'green' : 'red', mark) : mark;
  return `${painted} step ${step.number} ${step.skill} ${took}${attempts}${isGood ? '' : ` ${step.status}`}`;
}
