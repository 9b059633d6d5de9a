/** Notices that a local engine has had nothing to do for long. */
import { Connection } from '@temporalio/client';

export interface IdleOptions {
  readonly idleMs: number;
  readonly namespace: string;
  /** `undefined` while the server is down. */
  readonly address: () => string | undefined;
  /** When a command last asked, by `performance.now()`. */
  readonly lastContact: () => number;
  readonly onIdle: () => void;
}

const LONGEST_PAUSE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Calls `onIdle` once no command asked and no run or schedule was there for `idleMs`; returns how to stop looking. */
export function watchIdle(options: IdleOptions): () => void {
  let lastWork = performance.now();
  let runsSeen = 0;
  const look = async () => {
    const work = await workAt(options);
    if (work === undefined || work.isOpen || work.runs !== runsSeen) lastWork = performance.now();
    runsSeen = work?.runs ?? runsSeen;
    if (performance.now() - Math.max(lastWork, options.lastContact()) >= options.idleMs) options.onIdle();
    else timer = setTimeout(() => void look(), pauseMs);
  };
  const pauseMs = Math.min(options.idleMs / 4, LONGEST_PAUSE_MS);
  let timer = setTimeout(() => void look(), pauseMs);
  return () => clearTimeout(timer);
}

/** `undefined` where the server cannot say: that is no idleness. */
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
        service.listSchedules({ namespace, maximumPageSize: 1 }),
      ]);
      return { isOpen: Number(open.count) > 0 || schedules.length > 0, runs: Number(all.count) };
    } finally {
      await connection.close();
    }
  } catch {
    return undefined;
  }
}
