/** A schedule for people. */
import type { ShownSchedule } from '../../client/schedules/show.ts';
import type { Missed } from '../../core/schedules/due.ts';
import { nextOf, statusOf } from '../../core/schedules/schedule.ts';
import { timingText } from '../../core/schedules/timing-text.ts';
import { localText, zonedText } from '../../core/schedules/zone.ts';
import type { OffsetAt } from '../../core/schedules/zone.ts';
import type { PreviewLine } from '../../core/schedules/preview.ts';
import { slotTime } from '../../core/values/schedule-id.ts';

interface Moment {
  readonly now: number;
  readonly offsetAt: OffsetAt;
}

const NEXT = 5;

export function scheduleLines(
  { schedule, runs, missed }: ShownSchedule,
  { now, offsetAt }: Moment,
): readonly string[] {
  const { id, skill, timing, zone, overlap, catchupSeconds, note, pausedBy, firedCount, times } = schedule;
  const next = schedule.enabled ? nextOf(schedule, { from: now, count: NEXT }, offsetAt) : [];
  return [
    `schedule: ${id}`,
    `skill:    ${skill}`,
    `status:   ${statusOf(schedule, now, offsetAt)}${pausedBy === undefined ? '' : `, because ${pausedBy} failed`}`,
    `when:     ${timingText(timing, zone)}`,
    `overlap:  ${overlap}; missed firings run later within ${catchupSeconds}s`,
    `fired:    ${firedCount}${times === undefined ? '' : ` of ${times}`}`,
    ...(note === undefined ? [] : [`note:     ${note}`]),
    ...next.map((at) => `next:     ${zonedText(at, offsetAt)}, ${slotTime(at)}`),
    ...runs.map(
      ({ id: runId, status, reason }) =>
        `run:      ${runId} ${status}${reason === undefined ? '' : ` (${reason})`}`,
    ),
    ...missed.map((each) => `no run:   ${slotTime(each.at)}, ${missedText(each)}`),
  ];
}

function missedText({ reason, runId }: Missed): string {
  if (reason === 'missed') return 'no worker or engine was running';
  if (reason === 'waiting') return `waiting: ${runId} is in flight`;
  return runId === undefined ? 'skipped: another firing was due' : `skipped: ${runId} was in flight`;
}

/** Returns `2027-10-31 02:30 +02:00  2027-10-31T00:30:00Z  clocks show this time twice: the first`. */
export function previewText(line: PreviewLine, offsetAt: OffsetAt): string {
  if (line.kind === 'skipped') return `${localText(line.local)}  left out: clocks skip this time`;
  const { at, pass } = line;
  const mark = pass === undefined ? '' : `  clocks show this time twice: the ${pass}`;
  return `${zonedText(at, offsetAt)}  ${slotTime(at)}${mark}`;
}
