/** Following a run to its end: the one mechanism behind the live view, `--wait` and `runs watch`. */
import { setTimeout as delay } from 'node:timers/promises';
import { isSkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { runKey } from '../core/run-id.ts';
import { openRecord } from '../core/run-record.ts';
import { isInFlight } from '../core/run.ts';
import type { RunRecord } from '../core/run.ts';
import { EMPTY_TRACE, applyEvent } from '../core/trace.ts';
import type { RunTrace, TraceEvent } from '../core/trace.ts';
import { hasWorker, unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import { followHistory, readRequest } from './history.ts';
import type { ClientPorts } from './ports.ts';

export type WatchEvent = TraceEvent | { readonly kind: 'no_worker' };

/** How long a run may wait to be taken before the absence of a worker is said. */
const NO_WORKER_AFTER_MS = 3000;

/**
 * All events of a run from its first on, with `no_worker` in between where it waits and nothing polls its queue. Ends
 * after `run_ended`, or quietly when `signal` aborts.
 */
export async function* watchRun(
  ports: ClientPorts,
  temporal: Temporal,
  watch: { readonly runId: string; readonly signal: AbortSignal },
): AsyncGenerator<WatchEvent> {
  const events = followHistory(temporal, watch.runId, { wait: true, signal: watch.signal });
  let pending: Promise<IteratorResult<TraceEvent>> = events.next();
  let isTaken = false;
  try {
    for (;;) {
      const next: IteratorResult<TraceEvent> | 'late' = isTaken ? await pending : await orLate(pending);
      if (next === 'late') {
        isTaken = true;
        if (!(await hasWorker(temporal))) yield { kind: 'no_worker' };
        continue;
      }
      if (next.done) return;
      const event: TraceEvent = next.value;
      isTaken ||= event.kind === 'run_taken';
      if (event.kind === 'run_ended') await mendRecord(ports, watch.runId, event);
      yield event;
      pending = events.next();
    }
  } catch (error) {
    throw unknownRun(error, watch.runId);
  }
}

/** The record of a run, also of one that no worker has taken yet. Rejects with `unknown_run` where there is none. */
export async function recordToWatch(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  runId: string,
): Promise<RunRecord> {
  const record = await ports.records.get('runs', runKey(runId));
  if (record !== undefined) return record as unknown as RunRecord; // written by this product alone
  try {
    return openRecord(runId, await readRequest(temporal, runId));
  } catch (error) {
    throw unknownRun(error, runId);
  }
}

/** The history so far, folded; empty where Temporal no longer has it. */
export async function traceRun(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  runId: string,
): Promise<RunTrace> {
  let trace = EMPTY_TRACE;
  try {
    for await (const event of followHistory(temporal, runId, { wait: false })) {
      trace = applyEvent(trace, event);
      if (event.kind === 'run_ended') await mendRecord(ports, runId, event);
    }
  } catch (error) {
    const known = unknownRun(error, runId);
    if (!isSkillosError(known, 'unknown_run')) throw known;
  }
  return trace;
}

/** A run that ended without settling (terminated, or its worker wiped) still says `running` in its record. */
async function mendRecord(
  ports: Pick<ClientPorts, 'records'>,
  runId: string,
  ended: Extract<TraceEvent, { kind: 'run_ended' }>,
): Promise<void> {
  const { end, at } = ended;
  await ports.records.update('runs', runKey(runId), (current) => {
    const record = current as unknown as RunRecord | undefined;
    if (record === undefined || !isInFlight(record.status)) return current;
    const mended: RunRecord = {
      ...record,
      status: end.status,
      ...(end.reason === undefined ? {} : { reason: end.reason }),
      ...(end.output === undefined ? {} : { output: end.output }),
      ...(end.failure === undefined ? {} : { error: end.failure }),
      endedAt: at,
    };
    return mended as unknown as JsonObject;
  });
}

async function orLate<T>(pending: Promise<T>): Promise<T | 'late'> {
  const timer = new AbortController();
  try {
    const late = delay(NO_WORKER_AFTER_MS, 'late' as const, { signal: timer.signal, ref: false });
    late.catch(() => undefined); // aborted below, when the answer came first
    return await Promise.race([pending, late]);
  } finally {
    timer.abort();
  }
}
