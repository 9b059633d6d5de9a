/** Waiting for a run without following it: for its close event alone, and on its record for a park. */
import { setTimeout as delay } from 'node:timers/promises';
import { runKey } from '../core/run-id.ts';
import type { RunRecord, RunStatus } from '../core/run.ts';
import { unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';

const CLOSE_EVENT = 2; // HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT

const FIRST_LOOK_MS = 50;
const LAST_LOOK_MS = 1000;

/** What waits for people, and so may take days. */
const PARKED: ReadonlySet<RunStatus | undefined> = new Set(['awaiting_approval', 'paused']);

interface Wait {
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Whether a run that waits for people is waited for no longer. */
  readonly isParkedEnough: boolean;
}

/** Resolves when the run has ended, or waits for people, or `signal` aborts. */
export async function awaitRun(
  ports: Pick<ClientPorts, 'records'>,
  temporal: Temporal,
  wait: Wait,
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([wait.signal, over.signal]);
  try {
    const end = closed(temporal, wait.runId, signal);
    await (wait.isParkedEnough ? Promise.race([end, parked(ports, wait.runId, signal)]) : end);
  } finally {
    over.abort();
  }
}

async function closed({ client, target }: Temporal, workflowId: string, signal: AbortSignal): Promise<void> {
  let nextPageToken: Uint8Array = new Uint8Array();
  while (!signal.aborted) {
    const ask = { namespace: target.namespace, execution: { workflowId }, waitNewEvent: true, nextPageToken };
    const call = () =>
      client.workflowService.getWorkflowExecutionHistory({ ...ask, historyEventFilterType: CLOSE_EVENT });
    try {
      // The client never takes its listener off the signal.
      const page = await client.connection.withAbortSignal(AbortSignal.any([signal]), call);
      if (page.history?.events?.length) return;
      nextPageToken = page.nextPageToken ?? new Uint8Array();
    } catch (error) {
      if (signal.aborted) return;
      throw unknownRun(error, workflowId);
    }
  }
}

/** Looks ever more seldom. */
async function parked(
  ports: Pick<ClientPorts, 'records'>,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = FIRST_LOOK_MS; !signal.aborted; waitMs = Math.min(waitMs * 2, LAST_LOOK_MS)) {
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
    const record = (await ports.records.get('runs', runKey(runId))) as RunRecord | undefined;
    if (PARKED.has(record?.status)) return;
  }
}
