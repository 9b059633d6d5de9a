/** Schedules as JSON documents, for `--json` and the API. */
import type { JsonObject } from '../json.ts';
import { runItem } from '../runs/run-document.ts';
import type { RunRecord } from '../runs/run.ts';
import { slotTime } from '../values/schedule-id.ts';
import type { Missed } from './due.ts';
import { nextOf, statusOf } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { timingText } from './timing-text.ts';
import type { Timing } from './timing.ts';
import type { PreviewLine } from './preview.ts';
import { localText } from './zone.ts';
import type { OffsetAt } from './zone.ts';

interface Moment {
  readonly now: number;
  readonly offsetAt: OffsetAt;
}

/** A schedule in a list. */
export function scheduleItem(schedule: Schedule, { now, offsetAt }: Moment): JsonObject {
  const { id, skill, timing, zone, enabled, overlap, createdAt } = schedule;
  const [next] = nextOf(schedule, { from: now, count: 1 }, offsetAt);
  return {
    id,
    skill,
    status: statusOf(schedule, now, offsetAt),
    enabled,
    ...timingFields(timing),
    timezone: zone,
    words: timingText(timing, zone),
    overlap,
    ...(next === undefined || !enabled ? {} : { next_at: slotTime(next) }),
    created_at: createdAt,
  };
}

const NEXT = 5;

/** A schedule with its next firings, its last runs, and missed times. */
export function scheduleDocument(
  schedule: Schedule,
  {
    runs,
    missed,
    ...moment
  }: Moment & { readonly runs: readonly RunRecord[]; readonly missed: readonly Missed[] },
): JsonObject & { readonly schema: string } {
  const { startAt, endAt, times, firedCount, catchupSeconds, jitterSeconds, pauseOnFailure, pausedBy, note } =
    schedule;
  const next = nextOf(schedule, { from: moment.now, count: NEXT }, moment.offsetAt);
  return {
    schema: 'skillos.schedule/v1',
    ...scheduleItem(schedule, moment),
    principal: schedule.request.principal.subject,
    ...(startAt === undefined ? {} : { start_at: startAt }),
    ...(endAt === undefined ? {} : { end_at: endAt }),
    ...(times === undefined ? {} : { times }),
    fired: firedCount,
    catchup_seconds: catchupSeconds,
    ...(jitterSeconds === undefined ? {} : { jitter_seconds: jitterSeconds }),
    pause_on_failure: pauseOnFailure === true,
    ...(pausedBy === undefined ? {} : { paused_by: pausedBy }),
    ...(note === undefined ? {} : { note }),
    next: next.map(slotTime),
    runs: runs.map(runItem),
    missed: missed.map(missedDocument),
  };
}

function missedDocument({ at, reason, runId }: Missed): JsonObject {
  return { at: slotTime(at), reason, ...(runId === undefined ? {} : { run_id: runId }) };
}

function timingFields(timing: Timing): JsonObject {
  switch (timing.kind) {
    case 'at':
      return { run_at: timing.at };
    case 'every':
      return { every_seconds: timing.seconds };
    case 'cron':
      return { cron: [...timing.expressions] };
  }
}

export function previewDocument(
  lines: readonly PreviewLine[],
  { words, timezone }: { readonly words: string; readonly timezone: string },
): JsonObject & { readonly schema: string } {
  return { schema: 'skillos.preview/v1', timezone, words, items: lines.map(previewItem) };
}

function previewItem(line: PreviewLine): JsonObject {
  if (line.kind === 'skipped') return { local: localText(line.local), skipped: true };
  return { at: slotTime(line.at), ...(line.pass === undefined ? {} : { shown_twice: line.pass }) };
}
