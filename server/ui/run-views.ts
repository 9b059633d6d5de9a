/** Views of runs: the list, and one run with its steps. */
import { formatAmount } from '../../core/values/amount.ts';
import { formatDuration } from '../../core/values/duration.ts';
import type { JsonValue } from '../../core/json.ts';
import { titleOf, untracedStatus } from '../../core/runs/run-document.ts';
import { standingOf } from '../../core/jobs/job-standing.ts';
import type { RunParts } from '../../core/runs/run-document.ts';
import { RUN_STATUSES, isInFlight } from '../../core/runs/run.ts';
import type { RunRecord, RunStatus, RollbackResult } from '../../core/runs/run.ts';
import type { Planned, RunTrace, StepTrace } from '../../core/runs/trace.ts';
import { skillText } from '../../core/skills/variants.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import { fact, runPath, schedulePath, statusBadge, timeAgo, triggerPath } from './page.ts';
import type { Page } from './page.ts';

export interface RunList {
  readonly runs: readonly RunRecord[];
  /** Id of the last run, if there are more. */
  readonly next?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly now: number;
}

/** Longer values are cut on pages; the API returns them whole. */
const MAX_SHOWN_CHARS = 20_000;
const REFRESH_SECONDS = 5;

export function runsPage({ runs, next, status, now }: RunList): Page {
  const query = new URLSearchParams({ ...(status && { status }), after: next ?? '' });
  const body = html`<h1>Runs</h1>
    <form method="get" action="/ui/runs">
      <label for="status">Status</label>
      <select id="status" name="status">
        <option value="">any</option>
        ${RUN_STATUSES.map((each) => html`<option${each === status && html` selected`} value="${each}">${each.replaceAll('_', ' ')}</option>`)}
      </select>
      <button>Show</button>
    </form>
    ${runs.length === 0 ? html`<p>No runs.</p>` : runTable(runs, now)}
    ${next !== undefined && html`<p><a href="/ui/runs?${query.toString()}" rel="next">Older runs</a></p>`}`;
  return { title: 'Runs', section: 'runs', body };
}

export function runTable(runs: readonly RunRecord[], now: number): Html {
  const rows = runs.map(
    (run) =>
      html`<tr>
        <th scope="row"><a href="${runPath(run.id)}">${titleOf(run)}</a><br /><small>${run.id}</small></th>
        <td data-label="Status">${statusBadge(run.status, run.reason)}</td>
        <td data-label="Requested by">${run.principal.subject}${startedBy(run)}</td>
        <td data-label="When">${timeAgo(run.createdAt, now)}</td>
      </tr>`,
  );
  return html`<table>
    <caption>
      Newest first
    </caption>
    <thead>
      <tr>
        <th scope="col">Skill and run</th>
        <th scope="col">Status</th>
        <th scope="col">Requested by</th>
        <th scope="col">When</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** What has started the run, if no person did. */
function startedBy({ schedule, job }: RunRecord): Html | undefined {
  const trigger = job?.trigger;
  if (schedule !== undefined) return by('schedule', schedule, schedulePath(schedule));
  if (trigger !== undefined) return by('webhook', trigger, triggerPath(trigger));
  return job === undefined ? undefined : html`<br /><span class="badge quiet">job</span>`;
}

function by(what: string, name: string, path: string): Html {
  return html`<br /><a href="${path}"><span class="badge quiet">${what}</span> ${name}</a>`;
}

/** Sections of the page that not every caller or every run has. */
export interface RunSections {
  /** What the policy looked at, of a run that waits for a decision. */
  readonly seen?: Html | undefined;
  /** The form of a run that waits for a decision. */
  readonly form?: Html;
  /** The decisions about a run that waits no longer. */
  readonly decided?: Html | undefined;
  readonly details?: Html | undefined;
  /** What the skills have printed, for a caller who may read the run. */
  readonly log?: Html | undefined;
  /** The forms of a caller who may operate the run. */
  readonly actions?: Html | undefined;
  /** The question if the right skill ran. */
  readonly feedback?: Html | undefined;
}

export function runPage(
  parts: RunParts,
  now: number,
  { seen, form, decided, details, log, actions, feedback }: RunSections = {},
): Page {
  const { record, trace } = parts;
  const isLive = isInFlight(record.status);
  const { standing, result, actions: shownActions, ...steps } = liveParts(parts, now, actions);
  const body = html`<h1>${titleOf(record)}</h1>
    <div
      id="live"
      data-events="${isLive && `${runPath(record.id)}/events`}"
      data-status="${record.status}"
      data-layout="${stepLayout(trace)}"
    >
      <p class="notice" id="changed" role="status" hidden>
        This run has changed. <a href="${runPath(record.id)}">Reload the page</a>
      </p>
      <div id="standing" data-part aria-live="polite">${standing}</div>
      ${seen} ${record.steps.length > 0 && html`<h2>Steps</h2>`}
      <ol class="steps" id="steps">
        ${stepTree(record, trace, (number) => html`<li id="step-${number}" data-part>${steps[`step-${number}`]}</li>`)}
      </ol>
      <div id="result" data-part>${result}</div>
      ${form}${decided}
      <div id="actions" data-part>${shownActions}</div>
    </div>
    <div id="feedback" data-part>${feedback}</div>
    ${log !== undefined && logSection(log)}${details}
    <h2>About this run</h2>
    <dl class="facts">
      ${fact('Run', record.id)} ${fact('Requested by', record.principal.subject)}
      ${fact('Requested', timeAgo(record.createdAt, now))}
      ${fact('Ended', record.endedAt === undefined ? undefined : timeAgo(record.endedAt, now))}
      ${fact('Cost', record.cost === undefined ? undefined : formatAmount(record.cost))}
      ${fact('Job', record.job && `priority ${record.job.priority}, ${standingOf(record, now) ?? record.status}`)}
      ${fact('Requeued as', record.job?.requeuedAs && html`<a href="${runPath(record.job.requeuedAs)}">${record.job.requeuedAs}</a>`)}
      ${fact('Schedule', record.schedule && html`<a href="${schedulePath(record.schedule)}">${record.schedule}</a>`)}
      ${fact('Webhook', record.job?.trigger && html`<a href="${triggerPath(record.job.trigger)}">${record.job.trigger}</a>`)}
      ${fact('Requeue of', record.job?.requeueOf && html`<a href="${runPath(record.job.requeueOf)}">${record.job.requeueOf}</a>`)}
      ${fact('Repeats', record.origin && html`<a href="${runPath(record.origin.runId)}">${record.origin.runId}</a> from step ${record.origin.from}`)}
    </dl>
    <details>
      <summary>Technical details</summary>
      <dl class="facts">
        ${fact('Plan digest', record.digest)} ${fact('Model tier', record.claim?.tier)}
        ${fact('Execution', record.executionId)}
        ${fact('History', parts.url === undefined ? undefined : html`<a href="${parts.url}" rel="noreferrer">Temporal Web UI</a>`)}
      </dl>
    </details>`;
  return {
    title: `${titleOf(record)} – ${record.status.replaceAll('_', ' ')}`,
    section: 'runs',
    body,
    ...(isLive && { script: LIVE_SCRIPT }),
    // No reload while a comment or an input may be being typed.
    ...(isLive && form === undefined && record.status !== 'paused' && { refreshSeconds: REFRESH_SECONDS }),
  };
}

function logSection(log: Html): Html {
  return html`<details>
    <summary>Log of the run</summary>
    <div id="log" data-part>${log}</div>
  </details>`;
}

/** Layout of the steps: nested like the plan if the history contains it, otherwise a flat list. */
export function stepLayout(trace: RunTrace): 'plan' | 'list' {
  return trace.prepared === undefined ? 'list' : 'plan';
}

function stepTree(record: RunRecord, trace: RunTrace, item: (number: number) => Html): readonly Html[] {
  const plan = trace.prepared?.plan;
  return plan === undefined ? record.steps.map(({ number }) => item(number)) : branches(plan, item);
}

function branches(plan: Planned['plan'], item: (number: number) => Html): readonly Html[] {
  switch (plan.kind) {
    case 'step':
      return [item(plan.step.number)];
    case 'sequence':
      return plan.plans.flatMap((each) => branches(each, item));
    case 'parallel':
      return [
        group(
          'in parallel',
          plan.plans.flatMap((each) => {
            const members = branches(each, item);
            return members.length > 1 ? [group('in sequence', members)] : members;
          }),
        ),
      ];
  }
}

function group(how: string, members: readonly Html[]): Html {
  return html`<li>
    <span class="quiet">${how}</span>
    <ol>
      ${members}
    </ol>
  </li>`;
}

/** Parts of the page that change during a run, by element id. */
type LiveParts = { readonly standing: Html; readonly result: Html; readonly actions: Html } & Readonly<
  Record<`step-${number}`, Html>
>;

export function liveParts(
  { record, trace, result }: RunParts,
  now: number,
  actions: Html = html``,
): LiveParts {
  const traced = new Map(trace.steps.map((step) => [step.number, step]));
  const undone = new Map(record.undoings?.map((undoing) => [undoing.step, undoing]));
  const steps = record.steps.map((step) => {
    const known = traced.get(step.number);
    const skill = skillText(step.skill, step.variant);
    const line =
      known === undefined
        ? stepLine(step.number, skill, untracedStatus(record, trace, step.number))
        : tracedStep(known, skill, now);
    return [`step-${step.number}`, html`${line}${rollbackOf(undone.get(step.number))}`];
  });
  return {
    ...(Object.fromEntries(steps) as Readonly<Record<`step-${number}`, Html>>), // the names were made above
    actions,
    standing: html`<p>${statusBadge(record.status, record.reason)}${pauseOf(record)}</p>
      ${record.error !== undefined && html`<p class="bad">${record.error.message}</p>`}`,
    result:
      result === undefined
        ? html``
        : html`<h2>Result</h2>
            <pre tabindex="0">${shown(result)}</pre>`,
  };
}

function pauseOf({ status, pause, approval }: RunRecord): string | undefined {
  if (status === 'awaiting_approval' && approval?.step !== undefined) return ` before step ${approval.step}`;
  return status === 'paused' && pause !== undefined ? ` before step ${pause.step}` : undefined;
}

function tracedStep(step: StepTrace, skill: string, now: number): Html {
  const { number, attempts, scheduledAt, startedAt = scheduledAt, endedAt, output, failure } = step;
  // Temporal records the start of an activity only when it ends.
  const status = step.status === 'scheduled' ? 'running' : step.status;
  const until = endedAt === undefined ? now : Date.parse(endedAt);
  const took = formatDuration(Math.max(0, until - Date.parse(startedAt)));
  return html`${stepLine(number, skill, status)}
    <small>${took}${attempts > 1 && `, ${attempts} attempts`}</small>
    ${failure !== undefined && html`<br /><span class="bad">${failure.message}</span>`}
    ${
      output !== undefined &&
      'value' in output &&
      html`<details>
        <summary>Output of step ${number}</summary>
        <pre tabindex="0">${shown(output.value)}</pre>
      </details>`
    }`;
}

const STEP_TONES: Readonly<Record<string, string>> = {
  success: 'good',
  error: 'bad',
  cancelled: 'bad',
  running: 'wait',
  awaiting_approval: 'wait',
  paused: 'wait',
};

function stepLine(number: number, skill: string, status: string): Html {
  return html`<span class="badge ${STEP_TONES[status] ?? 'quiet'}">${status.replaceAll('_', ' ')}</span>
    ${number}. ${skill}`;
}

function rollbackOf(undoing: RollbackResult | undefined): Html | undefined {
  if (undoing === undefined) return undefined;
  const { skill, failure } = undoing;
  return html`<ul>
    <li>
      ${failure === undefined ? html`<span class="badge quiet">undone</span> by ${skill}` : html`<span class="badge bad">not undone</span> by ${skill}: ${failure.message}`}
    </li>
  </ul>`;
}

export function shown(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  return text.length <= MAX_SHOWN_CHARS
    ? text
    : `${text.slice(0, MAX_SHOWN_CHARS)}\n… ${text.length - MAX_SHOWN_CHARS} more characters`;
}
