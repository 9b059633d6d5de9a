/** The record of a schedule, and one function per change of it. Temporal's Schedule is derived from the record. */
import type { RunRequest, RunStatus } from '../runs/run.ts';
import { isoTime, msOf } from '../values/iso-time.ts';
import type { Calendar } from './firings.ts';
import { nextFirings } from './firings.ts';
import type { Overlap } from './overlap.ts';
import type { OffsetAt } from './zone.ts';

/** Times are ISO 8601 in UTC, whole seconds. */
export interface Schedule extends Calendar {
  readonly id: string;
  readonly tenant: string;
  /** The skill to run. */
  readonly skill: string;
  /** The request of each firing; with a server key it is signed under the qualified id of the schedule. */
  readonly request: RunRequest;
  readonly zone: string;
  /** The schedule ends after this many firings. */
  readonly times?: number;
  readonly overlap: Overlap;
  /** A missed firing still runs within this time. */
  readonly catchupSeconds: number;
  /** Temporal delays each firing by a random time of at most this. */
  readonly jitterSeconds?: number;
  readonly pauseOnFailure?: boolean;
  readonly note?: string;
  readonly enabled: boolean;
  /** The reason if SkillOS disabled the schedule. */
  readonly pausedBy?: string;
  /** Firings before this time are not due: the time at which the schedule was added or last enabled. */
  readonly since: string;
  /** The latest firings, oldest first. */
  readonly fired: readonly Fired[];
  /** Number of firings by time, without triggers and backfills. */
  readonly firedCount: number;
  /** Times that `tick` skipped by the overlap policy, oldest first. */
  readonly skipped: readonly Skipped[];
  readonly createdAt: string;
  /** Marked for removal: the Schedule in Temporal is deleted first, then the record. */
  readonly isRemoved?: boolean;
}

export type FiringWay = 'time' | 'trigger' | 'backfill';

export interface Fired {
  readonly at: string;
  readonly runId: string;
  readonly way: FiringWay;
  readonly end?: RunStatus;
}

export interface Skipped {
  readonly at: string;
  /** The run that was in flight. */
  readonly because?: string;
}

export type ScheduleStatus = 'enabled' | 'disabled' | 'completed' | 'failed';

const KEPT = 100;

/** A one-shot schedule ends with its run, any other when no firing is left. */
export function statusOf(schedule: Schedule, now: number, offsetAt: OffsetAt): ScheduleStatus {
  const { timing, fired } = schedule;
  if (timing.kind === 'at') {
    const last = fired.findLast(({ way }) => way === 'time');
    if (last?.end !== undefined) return last.end === 'success' ? 'completed' : 'failed';
  } else if (isSpent(schedule, now) && nextOf(schedule, { from: now, count: 1 }, offsetAt).length === 0) {
    return 'completed';
  }
  return schedule.enabled ? 'enabled' : 'disabled';
}

function isSpent({ times, firedCount, endAt }: Schedule, now: number): boolean {
  return (times !== undefined && firedCount >= times) || (endAt !== undefined && msOf(endAt) < now);
}

/** Returns the next firings, at most as many as `times` allows. */
export function nextOf(
  schedule: Schedule,
  window: { readonly from: number; readonly count: number },
  offsetAt: OffsetAt,
): readonly number[] {
  const { times, firedCount } = schedule;
  const left = times === undefined ? window.count : Math.min(window.count, Math.max(0, times - firedCount));
  return nextFirings(schedule, { from: window.from, count: left }, offsetAt);
}

/** Enables the schedule; firings before `now` are not due. */
export function enabledSchedule(current: Schedule, now: number): Schedule {
  const { pausedBy: _, ...rest } = current;
  return current.enabled ? current : { ...rest, enabled: true, since: isoTime(now) };
}

export function disabledSchedule(current: Schedule): Schedule {
  return current.enabled ? { ...current, enabled: false } : current;
}

/** Records a firing, once. */
export function firedSchedule(current: Schedule, firing: Fired): Schedule {
  if (current.fired.some(({ runId }) => runId === firing.runId)) return current;
  const firedCount = current.firedCount + (firing.way === 'time' ? 1 : 0);
  return { ...current, fired: [...current.fired, firing].slice(-KEPT), firedCount };
}

/** Records the end of a fired run; `pauseOnFailure` disables the schedule after an error. */
export function endedSchedule(current: Schedule, runId: string, end: RunStatus): Schedule {
  const firing = current.fired.find((each) => each.runId === runId);
  if (firing === undefined || firing.end === end) return current;
  const fired = current.fired.map((each) => (each === firing ? { ...each, end } : each));
  const pauses = current.pauseOnFailure === true && end === 'error' && current.enabled;
  return { ...current, fired, ...(pauses ? { enabled: false, pausedBy: runId } : {}) };
}

/** Records skipped times. */
export function skippedSchedule(current: Schedule, skipped: readonly Skipped[]): Schedule {
  const known = new Set(current.skipped.map(({ at }) => at));
  const more = skipped.filter(({ at }) => !known.has(at));
  return more.length === 0 ? current : { ...current, skipped: [...current.skipped, ...more].slice(-KEPT) };
}
