/** Waits for the end of a run by long-polling its close event, and for a park by polling its record. */
import { setTimeout as delay } from 'node:timers/promises';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunStatus } from '../../core/runs/run.ts';
import { backoffMs } from '../../core/values/backoff.ts';
import { joinSignals, withOwnSignal } from '../joined-signal.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';

const CLOSE_EVENT = 2; // HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT

const BACKOFF = { firstMs: 50, maxMs: 1000 };

/** States in which a run waits for people, perhaps for days. */
const PARKED: ReadonlySet<RunStatus | undefined> = new Set(['awaiting_approval', 'paused']);

interface Wait {
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Also resolve when the run waits for people. */
  readonly returnsWhenParked: boolean;
}

/** Resolves when the run has ended, when `signal` aborts, and with `returnsWhenParked` when it waits for people. */
export async function awaitRun(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  wait: Wait,
): Promise<void> {
  const { signal, abort } = joinSignals([wait.signal]);
  try {
    const end = closed(temporal, wait.runId, signal);
    await (wait.returnsWhenParked ? Promise.race([end, parked(ports, wait.runId, signal)]) : end);
  } finally {
    abort();
  }
}

async function closed({ client, target }: Temporal, workflowId: string, signal: AbortSignal): Promise<void> {
  let nextPageToken: Uint8Array = new Uint8Array();
  while (!signal.aborted) {
    const ask = { namespace: target.namespace, execution: { workflowId }, waitNewEvent: true, nextPageToken };
    const call = () =>
      client.workflowService.getWorkflowExecutionHistory({ ...ask, historyEventFilterType: CLOSE_EVENT });
    try {
      const page = await withOwnSignal(signal, (own) => client.connection.withAbortSignal(own, call));
      if (page.history?.events?.length) return;
      nextPageToken = page.nextPageToken ?? new Uint8Array();
    } catch (error) {
      if (signal.aborted) return;
      throw unknownRun(error, workflowId);
    }
  }
}

/** Polls the run's record with a growing pause. */
async function parked(
  ports: Pick<ClientPorts, 'records'>,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    await delay(backoffMs(BACKOFF, attempt), undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
    const record = await runRecords(ports.records).get(runId);
    if (PARKED.has(record?.status)) return;
  }
}
