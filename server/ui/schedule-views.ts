/** Views of schedules: the list, and one schedule with its firings. */
import type { ShownSchedule } from '../../client/schedules/show.ts';
import type { Missed } from '../../core/schedules/due.ts';
import { nextOf, statusOf } from '../../core/schedules/schedule.ts';
import type { Fired, Schedule, ScheduleStatus } from '../../core/schedules/schedule.ts';
import { timingText } from '../../core/schedules/timing-text.ts';
import { zonedText } from '../../core/schedules/zone.ts';
import type { OffsetAt } from '../../core/schedules/zone.ts';
import { slotTime } from '../../core/values/schedule-id.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { fact, runPath, schedulePath, statusBadge, timeAgo } from './page.ts';
import type { Page } from './page.ts';
import { runTable } from './run-views.ts';

interface Moment {
  readonly now: number;
  readonly offsetAt: OffsetAt;
}

export interface ScheduleList {
  readonly schedules: readonly Schedule[];
  /** Id of the last schedule, if there are more. */
  readonly next: string | undefined;
  readonly now: number;
  readonly offsetAtOf: (schedule: Schedule) => OffsetAt;
}

export function schedulesPage({ schedules, next, now, offsetAtOf }: ScheduleList): Page {
  const rows = schedules.map((each) => row(each, { now, offsetAt: offsetAtOf(each) }));
  const body = html`<h1>Schedules</h1>
    ${rows.length === 0 ? html`<p>No schedules.</p>` : table(rows)}
    ${next !== undefined && html`<p><a href="/ui/schedules?after=${encodeURIComponent(next)}" rel="next">More schedules</a></p>`}`;
  return { title: 'Schedules', section: 'schedules', body };
}

function table(rows: readonly Html[]): Html {
  return html`<table>
    <caption>
      By name
    </caption>
    <thead>
      <tr>
        <th scope="col">Schedule</th>
        <th scope="col">Status</th>
        <th scope="col">Last runs</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

const LAST_RUNS = 3;

function row(schedule: Schedule, moment: Moment): Html {
  const { id, skill, timing, zone, enabled, fired } = schedule;
  const [next] = enabled ? nextOf(schedule, { from: moment.now, count: 1 }, moment.offsetAt) : [];
  return html`<tr>
    <th scope="row">
      <a href="${schedulePath(id)}">${id}</a><br /><small>${skill}<br />${timingText(timing, zone)}</small>
    </th>
    <td>
      ${standing(statusOf(schedule, moment.now, moment.offsetAt))}
      ${next !== undefined && html`<br /><small>next ${timeAgo(slotTime(next), moment.now)}</small>`}
    </td>
    <td>
      ${fired
        .slice(-LAST_RUNS)
        .reverse()
        .map((each) => lastRun(each, moment.now))}
    </td>
  </tr>`;
}

function lastRun({ runId, at, end }: Fired, now: number): Html {
  return html`<a href="${runPath(runId)}">${timeAgo(at, now)}</a>
    ${end !== undefined && statusBadge(end)}<br />`;
}

const TONES: Readonly<Record<ScheduleStatus, string>> = {
  enabled: 'good',
  disabled: 'wait',
  completed: 'quiet',
  failed: 'bad',
};

function standing(status: ScheduleStatus): Html {
  return html`<span class="badge ${TONES[status]}">${status}</span>`;
}

const NEXT = 5;

export function schedulePage({ schedule, runs, missed }: ShownSchedule, moment: Moment): Page {
  const { id, skill, timing, zone, overlap, firedCount, times, note, pausedBy, request } = schedule;
  const { now, offsetAt } = moment;
  const next = schedule.enabled ? nextOf(schedule, { from: now, count: NEXT }, offsetAt) : [];
  const body = html`<h1>${id}</h1>
    <p>
      ${standing(statusOf(schedule, now, offsetAt))}
      ${pausedBy !== undefined && html`because <a href="${runPath(pausedBy)}">${pausedBy}</a> failed`}
    </p>
    <dl class="facts">
      ${fact('Skill', skill)} ${fact('When', timingText(timing, zone))} ${fact('Overlap', overlap)}
      ${fact('Fired', times === undefined ? String(firedCount) : `${firedCount} of ${times}`)}
      ${fact('Added by', request.principal.subject)} ${fact('Note', note)}
    </dl>
    <h2>Next firings</h2>
    ${
      next.length === 0
        ? html`<p>None.</p>`
        : html`<ul>
            ${next.map((at) => html`<li>${zonedText(at, offsetAt)} ${zone}, ${timeAgo(slotTime(at), now)}</li>`)}
          </ul>`
    }
    <h2>Last runs</h2>
    ${runs.length === 0 ? html`<p>No runs.</p>` : runTable(runs, now)}
    ${
      missed.length > 0 &&
      html`<h2>Times without a run</h2>
        <ul>
          ${missed.map((each) => withoutRun(each, offsetAt))}
        </ul>`
    }`;
  return { title: `Schedule ${id}`, section: 'schedules', body };
}

const REASONS: Readonly<Record<Missed['reason'], string>> = {
  overlap: 'skipped',
  waiting: 'waiting',
  missed: 'no worker or engine was running',
};

function withoutRun({ at, reason, runId }: Missed, offsetAt: OffsetAt): Html {
  const cause = runId !== undefined && html`: <a href="${runPath(runId)}">${runId}</a> was in flight`;
  return html`<li>${zonedText(at, offsetAt)}: ${REASONS[reason]}${cause}</li>`;
}
