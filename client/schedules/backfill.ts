/** Runs the times of a schedule between two instants that have no successful run, one after another. */
import { SkillosError } from '../../core/errors/errors.ts';
import { parseInstant } from '../../core/schedules/instant.ts';
import type { Zone } from '../../core/schedules/zone.ts';
import { firingsBetween } from '../../core/schedules/firings.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { awaitRun } from '../runs/await-run.ts';
import { ensureRecord } from '../runs/read-run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { Temporal } from '../temporal/connection.ts';
import { fireAgain, runsOf } from './fire.ts';
import { zoneOf } from './ports.ts';
import type { SchedulePorts } from './ports.ts';

const MAX_TIMES = 1000;

/** Unix milliseconds, both included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Reads ISO 8601 times in the zone. Throws `invalid_schedule`. */
export function backfillSpan({ from, to }: { readonly from: string; readonly to: string }, zone: Zone): Span {
  const span = { from: parseInstant(from, zone, '--from'), to: parseInstant(to, zone, '--to') };
  if (span.to >= span.from) return span;
  throw new SkillosError(
    'invalid_schedule',
    `Invalid --to ${JSON.stringify(to)}: expected a time after --from`,
  );
}

/** Resolves to the times to run. Rejects with `invalid_schedule` if there are more than 1000. */
export async function timesToBackfill(
  ports: SchedulePorts,
  schedule: Schedule,
  span: Span,
): Promise<readonly number[]> {
  const { offsetAt } = zoneOf(ports, schedule);
  const times = firingsBetween(schedule, { ...span, limit: MAX_TIMES + 1 }, offsetAt);
  if (times.length > MAX_TIMES) {
    throw new SkillosError(
      'invalid_schedule',
      `Too many times to backfill: expected at most ${MAX_TIMES} between --from and --to`,
    );
  }
  const pending: number[] = [];
  for (const at of times) if (!(await runsOf(ports, schedule, at)).hasSucceeded) pending.push(at);
  return pending;
}

/**
 * Starts the next run when a run has ended or waits for people; each is passed to `onRun` at that time. Of a time whose run
 * is in flight no other run is started.
 */
export async function backfill(
  ports: SchedulePorts,
  temporal: Temporal,
  options: {
    readonly schedule: Schedule;
    readonly times: readonly number[];
    readonly signal: AbortSignal;
    readonly onRun: (record: RunRecord) => void;
  },
): Promise<void> {
  const { schedule, times, signal, onRun } = options;
  for (const at of times) {
    if (signal.aborted) return;
    const { hasSucceeded, inFlight } = await runsOf(ports, schedule, at); // another backfill may have run it meanwhile
    if (hasSucceeded) continue;
    const runId = inFlight ?? (await fireAgain(ports, temporal, { schedule, at, way: 'backfill' }));
    await awaitRun(ports, temporal, { runId, signal, returnsWhenParked: true });
    onRun(await ensureRecord(ports, temporal, runId));
  }
}
