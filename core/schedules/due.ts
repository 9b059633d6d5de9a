/** Finds due firings: those since the schedule was enabled that have neither fired nor been skipped. */
import type { RunFailure } from '../runs/run.ts';
import { isoTime, msOf } from '../values/iso-time.ts';
import { parseFiredRunId } from '../values/schedule-id.ts';
import { firingsBetween } from './firings.ts';
import type { Schedule } from './schedule.ts';
import { nextFirings } from './firings.ts';
import type { OffsetAt } from './zone.ts';

/** One `tick` starts at most this many firings of one schedule. */
const MAX_DUE = 1000;

/**
 * Returns Unix milliseconds, ascending. A one-shot schedule stays due without limit; others within their
 * catch-up time.
 */
export function dueFirings(schedule: Schedule, now: number, offsetAt: OffsetAt): readonly number[] {
  const { timing, enabled, since, catchupSeconds, times, firedCount } = schedule;
  if (!enabled || schedule.isRemoved === true) return [];
  const from = timing.kind === 'at' ? msOf(timing.at) : Math.max(msOf(since), now - catchupSeconds * 1000);
  const done = doneTimes(schedule);
  const left = times === undefined ? MAX_DUE : Math.min(MAX_DUE, times - firedCount);
  const span = { from, to: now, limit: MAX_DUE + done.size };
  return firingsBetween(schedule, span, offsetAt)
    .filter((at) => !done.has(at))
    .slice(0, Math.max(0, left));
}

/** Returns the times that have fired or were skipped, in Unix milliseconds. */
function doneTimes({ fired, skipped }: Schedule): ReadonlySet<number> {
  const byTime = fired.filter(({ way }) => way === 'time');
  return new Set([...byTime, ...skipped].map(({ at }) => msOf(at)));
}

/** A run that Temporal has started for a time of a schedule. Times are Unix milliseconds. */
export interface FiringToRun {
  readonly at: number;
  readonly now: number;
  readonly runId: string;
  /** Signature of the request with which the run was started; absent without a server key. */
  readonly signature?: string | undefined;
  /** False if the run has no record: it has not begun, or its record was removed. */
  readonly hasRecord: boolean;
}

/** Records of runs are kept for at least this long, so an older time without a record may have run. */
const MAX_AGE_MS = 30 * 86_400_000;
/** The clocks of server and worker differ by less. */
const CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Returns the reason to refuse a run that Temporal has started for a time, or undefined if it may run. The
 * record decides, because a derived Schedule may be older, and anyone who reaches Temporal can start a run
 * with the request of a schedule.
 */
export function refuseFiring(
  schedule: Schedule | undefined,
  firing: FiringToRun,
  offsetAt: OffsetAt,
): RunFailure | undefined {
  if (schedule === undefined || schedule.isRemoved === true) return refusal('The schedule does not exist');
  const { at, runId, hasRecord, signature } = firing;
  if (schedule.request.signature !== signature)
    return refusal('The request is not the present one of the schedule');
  const known = schedule.fired.find((each) => each.runId === runId);
  if (known !== undefined) {
    return known.end === undefined || hasRecord ? undefined : refusal('The run has ended');
  }
  const { enabled, times, firedCount } = schedule;
  if (!enabled) return refusal('The schedule is disabled');
  // Further runs of a time are recorded before they start, and `fired` holds the latest firings only.
  if (parseFiredRunId(runId)?.attempt !== 1) return refusal('SkillOS has not started this run');
  if (times !== undefined && firedCount >= times) return refusal(`The schedule has fired ${times} times`);
  if (schedule.fired.some((each) => each.way === 'time' && msOf(each.at) === at)) {
    return refusal(`The schedule has fired for ${isoTime(at)}`);
  }
  return refuseTime(schedule, firing, offsetAt);
}

function refuseTime(
  schedule: Schedule,
  { at, now }: FiringToRun,
  offsetAt: OffsetAt,
): RunFailure | undefined {
  const { timing, since, catchupSeconds, firedCount } = schedule;
  if (at > now + CLOCK_DIFFERENCE_MS) return refusal(`The time ${isoTime(at)} has not come yet`);
  if (timing.kind === 'at' && firedCount > 0) return refusal('The schedule has fired');
  if (timing.kind !== 'at' && at < now - Math.max(MAX_AGE_MS, catchupSeconds * 1000)) {
    return refusal(`The time ${isoTime(at)} is more than 30 days ago`);
  }
  if (timing.kind !== 'at' && at < msOf(since) - CLOCK_DIFFERENCE_MS) {
    return refusal(`The schedule was added or enabled after ${isoTime(at)}`);
  }
  const [next] = nextFirings(schedule, { from: at, count: 1 }, offsetAt);
  return next === at ? undefined : refusal(`The schedule does not fire at ${isoTime(at)}`);
}

function refusal(message: string): RunFailure {
  return { code: 'schedule_refused', message };
}

/** A time without a run, and the reason. */
export interface Missed {
  readonly at: number;
  /** `waiting`: the firing is buffered until the run in flight has ended. */
  readonly reason: 'overlap' | 'waiting' | 'missed';
  /** The run that was in flight at that time. */
  readonly runId?: string;
}

/** The time during which a fired run was in flight. */
export interface Flight {
  readonly runId: string;
  readonly from: number;
  /** Absent if it is in flight now. */
  readonly to?: number;
}

/**
 * Returns the last `limit` times before `now` that neither fired nor are due, newest first. Of several times that `buffer-one`
 * holds back, Temporal runs the first only; here all of them are `waiting`.
 */
export function missedFirings(
  schedule: Schedule,
  {
    now,
    flights,
    limit,
  }: { readonly now: number; readonly flights: readonly Flight[]; readonly limit: number },
  offsetAt: OffsetAt,
): readonly Missed[] {
  const oldest = Math.max(msOf(schedule.since), now - WINDOW_MS);
  const due = new Set(dueFirings(schedule, now, offsetAt));
  const fired = new Set(schedule.fired.map(({ at }) => msOf(at)));
  return firingsBetween(schedule, { from: oldest, to: now - GRACE_MS, limit: MAX_LOOKED_AT }, offsetAt)
    .filter((at) => !fired.has(at))
    .map((at) => missedAt(at, { schedule, flights, due }))
    .filter((missed) => missed !== undefined)
    .slice(-limit)
    .reverse();
}

const WINDOW_MS = 7 * 86_400_000;
/** A firing counts as missed if no worker has received it after this time. */
const GRACE_MS = 60_000;
const MAX_LOOKED_AT = 20_000;

function missedAt(
  at: number,
  {
    schedule,
    flights,
    due,
  }: {
    readonly schedule: Schedule;
    readonly flights: readonly Flight[];
    readonly due: ReadonlySet<number>;
  },
): Missed | undefined {
  const recorded = schedule.skipped.find((each) => msOf(each.at) === at);
  const flight = flights.find(({ from, to = Infinity }) => from < at && at < to);
  const runId = recorded?.because ?? flight?.runId;
  if (recorded !== undefined || flight !== undefined) {
    const isBuffered =
      schedule.overlap.startsWith('buffer') && recorded === undefined && flight?.to === undefined;
    return { at, reason: isBuffered ? 'waiting' : 'overlap', ...(runId === undefined ? {} : { runId }) };
  }
  return due.has(at) ? undefined : { at, reason: 'missed' };
}
