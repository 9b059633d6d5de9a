/** Waits until a worker of the jobs queue has nothing to do, and reports what becomes of the jobs that it took. */
import { setTimeout as delay } from 'node:timers/promises';
import { jobReportOf } from '../../core/jobs/job-report.ts';
import type { JobReport } from '../../core/jobs/job-report.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { ClientPorts } from '../ports.ts';
import type { Temporal } from '../temporal/connection.ts';
import { queueState } from './jobs-in-flight.ts';
import { repairQueue } from './repair-queue.ts';

export interface DrainOptions {
  readonly load: JobLoad;
  readonly onReport: (report: JobReport, job: RunRecord) => void;
  /** Stop after this many jobs. */
  readonly limit?: number | undefined;
  /** Ends the wait; what was taken is reported as far as it got. */
  readonly signal: AbortSignal;
}

/** The runs that the worker of this process works for. */
export interface JobLoad {
  readonly begun: (runId: string) => void;
  readonly ended: (runId: string) => void;
  readonly isBusy: () => boolean;
  /** Runs that were begun and not reported. */
  readonly open: Set<string>;
  /** Runs that have ended and were reported. */
  readonly reported: Set<string>;
}

const LOOK_MS = 50;
/** Without work for this long, queued jobs may lack their workflows. */
const IDLE_MS = 1000;
const REPAIR_EVERY_MS = 5000;

export function openJobLoad(): JobLoad {
  const open = new Set<string>();
  let active = 0;
  return {
    begun: (runId) => {
      active += 1;
      open.add(runId);
    },
    ended: () => {
      active -= 1;
    },
    isBusy: () => active > 0,
    open,
    reported: new Set(),
  };
}

export async function drainJobs(
  ports: Pick<ClientPorts, 'records' | 'now'>,
  temporal: Temporal,
  options: DrainOptions,
): Promise<void> {
  const { load, limit = Infinity, signal } = options;
  const known = new Set<string>();
  let reported = 0;
  let lastWork = performance.now();
  let lastRepair = -Infinity;
  const report = async () => {
    const count = await reportOpen(ports, options);
    reported += count;
    if (count > 0 || load.isBusy()) lastWork = performance.now();
  };
  while (!signal.aborted) {
    await report();
    if (reported >= limit) return;
    const isIdle = !load.isBusy() && load.open.size === 0;
    if (isIdle && (await queueState(ports, ports.now())) !== 'due') return;
    const idleMs = performance.now() - lastWork;
    if (idleMs > IDLE_MS && performance.now() - lastRepair > REPAIR_EVERY_MS) {
      lastRepair = performance.now();
      // The worker may have taken one of them meanwhile, so they are reported like those that it took.
      for (const { id } of await repairQueue(ports, temporal, { known, signal })) load.open.add(id);
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

/** Resolves to how many jobs were reported. Call it once more when the worker has drained. */
export async function reportOpen(
  { records, now }: Pick<ClientPorts, 'records' | 'now'>,
  { load, onReport }: Pick<DrainOptions, 'load' | 'onReport'>,
): Promise<number> {
  let count = 0;
  const found = await Promise.all([...load.open].map((runId) => runRecords(records).get(runId)));
  for (const record of found) {
    const report = record === undefined ? undefined : jobReportOf(record, now());
    if (record === undefined || report === undefined) continue;
    load.open.delete(record.id);
    if (load.reported.has(record.id)) continue;
    if (!isInFlight(record.status)) load.reported.add(record.id);
    onReport(report, record);
    count += 1;
  }
  return count;
}
