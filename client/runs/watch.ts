/** Follows a run to its end; the live view, `--wait` and `runs watch` all use this. */
import { setTimeout as delay } from 'node:timers/promises';
import { isSkillosError } from '../../core/errors/errors.ts';
import { waitEnded } from '../../core/runs/run-approval.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { openRecord } from '../../core/runs/run-record.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { EMPTY_TRACE, applyEvent } from '../../core/runs/trace.ts';
import type { RunTrace, TraceEvent } from '../../core/runs/trace.ts';
import { hasWorker, unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { followHistory, readRequest } from './history.ts';
import type { RecordedRun } from './history.ts';
import type { ClientPorts } from '../ports.ts';

export type WatchEvent = TraceEvent | { readonly kind: 'no_worker' };

/** A run that no worker has taken after this time is reported as `no_worker`. */
const NO_WORKER_AFTER_MS = 3000;

/**
 * Yields all events of a run from the first on, and `no_worker` if it waits and no worker polls its queue. Ends after
 * `run_ended`, or without an error when `signal` aborts. Rejects with `unknown_run`.
 */
export async function* watchRun(
  ports: ClientPorts,
  temporal: Temporal,
  watch: { readonly runId: string; readonly signal: AbortSignal },
): AsyncGenerator<WatchEvent> {
  const run = await recordedRun(ports, watch.runId);
  const events = followHistory(temporal, run, { wait: true, signal: watch.signal });
  let pending: Promise<IteratorResult<TraceEvent>> = events.next();
  let isTaken = false;
  try {
    for (;;) {
      const next: IteratorResult<TraceEvent> | 'late' = isTaken ? await pending : await orLate(pending);
      if (next === 'late') {
        isTaken = true;
        const record = await runRecords(ports.records).get(watch.runId);
        if (!(await hasWorker(temporal, { queue: record?.queue, runId: watch.runId })))
          yield { kind: 'no_worker' };
        continue;
      }
      if (next.done) return;
      const event: TraceEvent = next.value;
      isTaken ||= event.kind === 'run_taken';
      if (event.kind === 'run_ended') await repairRecord(ports, watch.runId, event);
      yield event;
      pending = events.next();
    }
  } catch (error) {
    throw unknownRun(error, watch.runId);
  }
}

/** Resolves to the record of a run; for a run that no worker has taken yet, to one made from its request. Rejects with `unknown_run`. */
export async function recordToWatch(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  runId: string,
): Promise<RunRecord> {
  const record = await runRecords(ports.records).get(runId);
  if (record !== undefined) return record;
  try {
    return openRecord(runId, await readRequest(temporal, { id: runId }));
  } catch (error) {
    throw unknownRun(error, runId);
  }
}

/** Folds the history so far into a trace; returns an empty trace if Temporal no longer keeps the history. */
export async function traceRun(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  runId: string,
): Promise<RunTrace> {
  let trace = EMPTY_TRACE;
  try {
    const run = await recordedRun(ports, runId);
    for await (const event of followHistory(temporal, run, { wait: false })) {
      trace = applyEvent(trace, event);
      if (event.kind === 'run_ended') await repairRecord(ports, runId, event);
    }
  } catch (error) {
    const known = unknownRun(error, runId);
    if (!isSkillosError(known, 'unknown_run')) throw known;
  }
  return trace;
}

/** SkillOS records each success before the workflow closes; another one was made by whoever answers its workflow tasks. */
const UNRECORDED: Extract<TraceEvent, { kind: 'run_ended' }>['end'] = {
  status: 'error',
  reason: 'outcome_unknown',
  failure: { code: 'outcome_unknown', message: 'No worker of SkillOS has recorded the end of the run' },
};

async function recordedRun({ records }: Pick<ClientPorts, 'records'>, id: string): Promise<RecordedRun> {
  return { id, executionId: (await runRecords(records).get(id))?.executionId };
}

/** Ends the record of a run that closed without settling (terminated from outside) and so still says `running`. */
async function repairRecord(
  ports: Pick<ClientPorts, 'records'>,
  runId: string,
  ended: Extract<TraceEvent, { kind: 'run_ended' }>,
): Promise<void> {
  const { at } = ended;
  const end = ended.end.status === 'success' ? UNRECORDED : ended.end;
  await runRecords(ports.records).update(runId, (record) => {
    if (record === undefined || !isInFlight(record.status)) return record;
    const { pause: _p, frozen: _f, begun: _b, ...rest } = { ...record, ...waitEnded(record, at) };
    return {
      ...rest,
      status: end.status,
      ...(end.reason === undefined ? {} : { reason: end.reason }),
      ...(end.output === undefined ? {} : { output: end.output }),
      ...(end.failure === undefined ? {} : { error: end.failure }),
      endedAt: at,
    };
  });
}

async function orLate<T>(pending: Promise<T>): Promise<T | 'late'> {
  const timer = new AbortController();
  try {
    const late = delay(NO_WORKER_AFTER_MS, 'late' as const, { signal: timer.signal, ref: false });
    late.catch(() => undefined); // aborted below if the event arrives first
    return await Promise.race([pending, late]);
  } finally {
    timer.abort();
  }
}
