/** Waiting for a run in the foreground: live view, Ctrl-C and the time limit around the watched history. */
import type { Actor } from '../client/actor.ts';
import { cancelFor } from '../client/cancel.ts';
import { findRun } from '../client/run-records.ts';
import { webUrl } from '../client/runs.ts';
import { recordToWatch, watchRun } from '../client/watch.ts';
import { pendingSteps } from '../client/pending.ts';
import type { WatchEvent } from '../client/watch.ts';
import type { Temporal } from '../client/connection.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import type { RunParts } from '../core/run-document.ts';
import { isInFlight } from '../core/run.ts';
import type { RunRecord } from '../core/run.ts';
import type { RunTrace } from '../core/trace.ts';
import type { CliContext } from './context.ts';
import { openLiveView } from './live-view.ts';
import type { LiveView } from './live-view.ts';
import type { Runtime } from './runtime.ts';

/** After a first Ctrl-C a second one within this time cancels the run. */
const SECOND_INTERRUPT_MS = 2000;

/** Node's timers fire at once where they are given more: 25 days stand for any longer patience. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Follow {
  readonly runtime: Runtime;
  readonly temporal: Temporal;
  readonly context: CliContext;
  readonly runId: string;
  readonly timeoutMs: number | undefined;
  /** No step lines; for `--json` and the like. */
  readonly isQuiet: boolean;
  /** Who cancels the run by a second Ctrl-C; absent where they may not operate it. */
  readonly canceller: Actor | undefined;
  /** Whether to go on following a run that now waits for people; without, it always is. */
  readonly onWaiting?: (record: RunRecord) => Promise<boolean>;
}

/** How following ended: with the run, or before it. */
export type Followed =
  | { readonly how: 'ended'; readonly parts: RunParts }
  | { readonly how: 'waiting'; readonly parts: RunParts }
  | { readonly how: 'timeout' }
  | { readonly how: 'interrupted' };

export async function followRun(follow: Follow): Promise<Followed> {
  const { runtime, temporal, context, runId } = follow;
  const view = openLiveView(context, {
    isQuiet: follow.isQuiet,
    pending: () => pendingSteps(temporal, runId),
  });
  const stop = stopper(follow, view);
  try {
    for await (const event of watchRun(runtime.ports, temporal, { runId, signal: stop.signal })) {
      view.show(event);
      if (!(await goesOnAfter(follow, view, event))) {
        return { how: 'waiting', parts: await readEnd(follow, view) };
      }
    }
    if (stop.signal.aborted) return { how: stop.signal.reason === 'timeout' ? 'timeout' : 'interrupted' };
  } catch (error) {
    if (isSkillosError(error, 'engine_unreachable')) throw goesOn(error, runId);
    // Temporal forgets histories; how the run ended stays in its record.
    const isForgotten = isSkillosError(error, 'unknown_run');
    if (!isForgotten || isInFlight((await findRun(runtime.ports, runId)).status)) throw error;
  } finally {
    stop.release();
    view.close();
  }
  return { how: 'ended', parts: await readEnd(follow, view) };
}

function readEnd({ runtime, temporal, runId }: Follow, view: LiveView): Promise<RunParts> {
  return readParts(runtime, temporal, { runId, trace: view.trace() });
}

/** The history tells of every wait there was; only one that is not over yet is worth a question. */
async function goesOnAfter(
  { runtime, runId, onWaiting }: Follow,
  view: LiveView,
  event: WatchEvent,
): Promise<boolean> {
  const isParked = event.kind === 'run_state' && event.state === 'awaiting_approval';
  if (onWaiting === undefined || !(isParked || event.kind === 'step_paused')) return true;
  const record = await findRun(runtime.ports, runId);
  const isStill =
    event.kind === 'step_paused' ? isPausedAt(record, event.step) : record.status === 'awaiting_approval';
  return !isStill || view.still(() => onWaiting(record));
}

/** Members of a group are paused one after another without that the run goes on in between. */
function isPausedAt({ status, pause }: RunRecord, step: number): boolean {
  return status === 'paused' && pause?.step === step;
}

/** A server that went away in the middle takes no run with it. */
function goesOn(error: SkillosError, runId: string): SkillosError {
  return new SkillosError(error.code, error.message, {
    hint: `The run goes on once Temporal is back: skillos runs watch ${runId}`,
    cause: error,
  });
}

/** The record with its output loaded, beside what the history told. */
export async function readParts(
  runtime: Runtime,
  temporal: Temporal | undefined,
  run: { readonly runId: string; readonly trace: RunTrace },
): Promise<RunParts> {
  const record = await findRun(runtime.ports, run.runId);
  const url = temporal === undefined ? undefined : webUrl(temporal.target, record.id);
  return {
    record,
    trace: run.trace,
    ...(record.output === undefined ? {} : { result: await runtime.ports.values.uncarry(record.output) }),
    ...(url === undefined ? {} : { url }),
  };
}

/** Aborts when the time is over or the person leaves; a second Ctrl-C cancels the run and goes on watching it end. */
function stopper(
  follow: Follow,
  view: LiveView,
): { readonly signal: AbortSignal; readonly release: () => void } {
  const { runtime, temporal, context, runId, timeoutMs, canceller } = follow;
  const stop = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  if (timeoutMs !== undefined) {
    timers.push(setTimeout(() => stop.abort('timeout'), Math.min(timeoutMs, MAX_TIMER_MS)));
  }
  let interrupts = 0;
  const forget = context.onInterrupt(() => {
    if (++interrupts === 1) {
      const more = canceller ? '. Ctrl-C again cancels it' : '';
      view.say(`\ndetaching; the run goes on${more}\n${comeBack(runId)}`);
      timers.push(setTimeout(() => stop.abort('interrupted'), SECOND_INTERRUPT_MS));
    } else if (interrupts === 2 && canceller) {
      for (const timer of timers) clearTimeout(timer);
      view.say('cancelling');
      cancelAs(canceller).catch((error: unknown) => stop.abort(error));
    } else {
      stop.abort('interrupted');
    }
  });
  async function cancelAs(actor: Actor): Promise<void> {
    const run = await recordToWatch(runtime.ports, temporal, runId);
    await cancelFor(runtime.ports, temporal, { actor, run });
  }
  return {
    signal: stop.signal,
    release() {
      for (const timer of timers) clearTimeout(timer);
      forget();
    },
  };
}

/** How to return to a run that goes on without its caller. */
export function comeBack(runId: string): string {
  return `  watch:  skillos runs watch ${runId}\n  cancel: skillos runs cancel ${runId}`;
}
