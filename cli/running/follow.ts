/** Follows a run in the foreground, with a live view, Ctrl-C and a time limit. */
import type { Actor } from '../../client/audit/authorize.ts';
import { cancelFor } from '../../client/runs/cancel.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { webUrl } from '../../client/temporal/connection.ts';
import { recordToWatch, watchRun } from '../../client/runs/watch.ts';
import { pendingActivities } from '../../client/runs/pending-activities.ts';
import type { WatchEvent } from '../../client/runs/watch.ts';
import type { Followed } from '../../client/submit/submission.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { RunTrace } from '../../core/runs/trace.ts';
import type { CliContext } from '../context.ts';
import { openLiveView } from '../views/live-view.ts';
import type { LiveView } from '../views/live-view.ts';
import type { Runtime } from '../runtime.ts';

/** A second Ctrl-C within this time after the first cancels the run. */
const SECOND_INTERRUPT_MS = 2000;

/** Maximum of Node's timers, 25 days; with a longer delay they fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Follow {
  readonly runtime: Runtime;
  readonly temporal: Temporal;
  readonly context: CliContext;
  readonly runId: string;
  readonly timeoutMs: number | undefined;
  /** Shows no lines for steps; for `--json`. */
  readonly isQuiet: boolean;
  /** The caller who cancels the run by a second Ctrl-C; undefined without the right to operate it. */
  readonly canceller: Actor | undefined;
  /** Called when the run waits for people; resolves to false to stop following. Default: always follow. */
  readonly onWaiting?: (record: RunRecord) => Promise<boolean>;
}

export async function followRun(follow: Follow): Promise<Followed> {
  const { runtime, temporal, context, runId } = follow;
  const view = openLiveView(context, {
    isQuiet: follow.isQuiet,
    pending: () => pendingActivities(temporal, runId),
  });
  const stop = stopper(follow, view);
  try {
    for await (const event of watchRun(runtime.ports, temporal, { runId, signal: stop.signal })) {
      view.show(event);
      if (!(await continuesAfter(follow, view, event))) {
        return { how: 'waiting', parts: await readEnd(follow, view) };
      }
    }
    if (stop.signal.aborted) return { how: stop.signal.reason === 'timeout' ? 'timeout' : 'interrupted' };
  } catch (error) {
    if (isSkillosError(error, 'engine_unreachable')) throw withHint(error, runId);
    // Temporal deletes old histories; the end of the run is in its record.
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

/** Calls `onWaiting` for a wait that has not ended, because the history also contains earlier ones. */
async function continuesAfter(
  { runtime, runId, onWaiting }: Follow,
  view: LiveView,
  event: WatchEvent,
): Promise<boolean> {
  const hasApproval = event.kind === 'run_state' && event.state === 'awaiting_approval';
  if (onWaiting === undefined || !(hasApproval || event.kind === 'step_paused')) return true;
  const record = await findRun(runtime.ports, runId);
  const isCurrent =
    event.kind === 'step_paused' ? isPausedAt(record, event.step) : record.status === 'awaiting_approval';
  return !isCurrent || view.pauseDuring(() => onWaiting(record));
}

/** Members of a group are paused one after another, without leaving the status `paused`. */
function isPausedAt({ status, pause }: RunRecord, step: number): boolean {
  return status === 'paused' && pause?.step === step;
}

/** Adds a hint: the run continues when the server is back. */
function withHint(error: SkillosError, runId: string): SkillosError {
  return new SkillosError(error.code, error.message, {
    hint: `The run continues when Temporal is reachable again: skillos runs watch ${runId}`,
    cause: error,
  });
}

/** Returns the record with its loaded output, and the trace. */
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

/**
 * Returns a signal that aborts after the time limit or a Ctrl-C; a second Ctrl-C cancels the run, which is
 * followed to its end.
 */
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
      view.say(`\ndetaching; the run continues${more}\n${followCommands(runId)}`);
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

/** The commands for a run that continues without its caller. */
export function followCommands(runId: string): string {
  return `  watch:  skillos runs watch ${runId}\n  cancel: skillos runs cancel ${runId}`;
}
