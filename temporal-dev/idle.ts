/** Detects that a local engine has been idle. */
import { Connection } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

export interface IdleOptions {
  readonly idleMs: number;
  readonly namespace: string;
  /** Returns undefined while the server is down. */
  readonly address: () => string | undefined;
  /** Time of the last request of a command, by `performance.now()`. */
  readonly lastRequest: () => number;
  readonly onIdle: () => void;
}

/** If there are more schedules, only these keep the engine running. */
const MAX_SCHEDULES = 1000;
const MAX_POLL_INTERVAL_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Calls `onIdle` once there was no request, no new or open run and no schedule that is going to fire for `idleMs`. Returns a
 * function that stops watching.
 */
export function watchIdle(options: IdleOptions): () => void {
  let lastWork = performance.now();
  let runsSeen = 0;
  const look = async () => {
    const work = await workAt(options);
    if (work === undefined || work.isOpen || work.runs !== runsSeen) lastWork = performance.now();
    runsSeen = work?.runs ?? runsSeen;
    if (performance.now() - Math.max(lastWork, options.lastRequest()) >= options.idleMs) options.onIdle();
    else timer = setTimeout(() => void look(), pauseMs);
  };
  const pauseMs = Math.min(options.idleMs / 4, MAX_POLL_INTERVAL_MS);
  let timer = setTimeout(() => void look(), pauseMs);
  return () => clearTimeout(timer);
}

/** Returns undefined if the server does not answer, which does not count as idle. */
async function workAt({
  address,
  namespace,
}: IdleOptions): Promise<{ isOpen: boolean; runs: number } | undefined> {
  const target = address();
  if (target === undefined) return undefined;
  try {
    const connection = await Connection.connect({ address: target, connectTimeout: CONNECT_TIMEOUT_MS });
    try {
      const { workflowService: service } = connection;
      const [all, open, { schedules }] = await Promise.all([
        service.countWorkflowExecutions({ namespace }),
        service.countWorkflowExecutions({ namespace, query: 'ExecutionStatus = "Running"' }),
        service.listSchedules({ namespace, maximumPageSize: MAX_SCHEDULES }),
      ]);
      return { isOpen: Number(open.count) > 0 || schedules.some(willFire), runs: Number(all.count) };
    } finally {
      await connection.close();
    }
  } catch {
    return undefined;
  }
}

function willFire({ info }: temporal.api.schedule.v1.IScheduleListEntry): boolean {
  return info?.paused !== true && (info?.futureActionTimes ?? []).length > 0;
}
