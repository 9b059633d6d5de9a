/** Pages about runs: the list, and one run with its steps as they are done. */
import { formatAmount } from '../../core/amount.ts';
import { formatDuration } from '../../core/duration.ts';
import type { JsonValue } from '../../core/json.ts';
import { untracedStatus } from '../../core/run-document.ts';
import type { RunParts } from '../../core/run-document.ts';
import { RUN_STATUSES, isInFlight } from '../../core/run.ts';
import type { RunRecord, RunStatus, StepRecord, Undoing } from '../../core/run.ts';
import type { Planned, RunTrace, StepTrace } from '../../core/trace.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import { fact, runPath, statusBadge, timeAgo } from './page.ts';
import type { Page } from './page.ts';

export interface RunList {
  readonly runs: readonly RunRecord[];
  /** Run to go on after. */
  readonly next?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly now: number;
}

/** What a page shows of a value; the API gives it whole. */
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
    ${runs.length === 0 ? html`<p>No runs.</p>` : table(runs, now)}
    ${next !== undefined && html`<p><a href="/ui/runs?${query.toString()}" rel="next">Older runs</a></p>`}`;
  return { title: 'Runs', section: 'runs', body };
}

function table(runs: readonly RunRecord[], now: number): Html {
  const rows = runs.map(
    (run) =>
      html`<tr>
        <th scope="row"><a href="${runPath(run.id)}">${run.skill}</a><br /><small>${run.id}</small></th>
        <td>${statusBadge(run.status, run.reason)}</td>
        <td>${run.principal.subject}</td>
        <td>${timeAgo(run.createdAt, now)}</td>
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
        <th scope="col">Asked by</th>
        <th scope="col">When</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** `form` is there while the run waits for a decision, `decided` once there has been one. */
export function runPage(
  parts: RunParts,
  now: number,
  { form, decided }: { readonly form?: Html; readonly decided?: Html | undefined } = {},
): Page {
  const { record, trace } = parts;
  const isLive = isInFlight(record.status);
  const { standing, result, ...steps } = liveParts(parts, now);
  const body = html`<h1>${record.skill}</h1>
    <div
      id="live"
      data-events="${isLive && `${runPath(record.id)}/events`}"
      data-status="${record.status}"
      data-layout="${stepLayout(trace)}"
    >
      <p class="notice" id="changed" role="status" hidden>
        This run has changed. <a href="${runPath(record.id)}">Show it as it is now</a>
      </p>
      <div id="standing" data-part aria-live="polite">${standing}</div>
      <h2>Steps</h2>
      <ol class="steps" id="steps">
        ${stepTree(record, trace, (number) => html`<li id="step-${number}" data-part>${steps[`step-${number}`]}</li>`)}
      </ol>
      <div id="result" data-part>${result}</div>
    </div>
    ${form}${decided}
    <h2>About this run</h2>
    <dl class="facts">
      ${fact('Run', record.id)} ${fact('Asked by', record.principal.subject)}
      ${fact('Asked', timeAgo(record.createdAt, now))}
      ${fact('Ended', record.endedAt === undefined ? undefined : timeAgo(record.endedAt, now))}
      ${fact('Cost', record.cost === undefined ? undefined : formatAmount(record.cost))}
      ${fact('Plan', record.digest)}
      ${fact('Repeats', record.origin && html`<a href="${runPath(record.origin.runId)}">${record.origin.runId}</a> from step ${record.origin.from}`)}
      ${fact('History', parts.url === undefined ? undefined : html`<a href="${parts.url}" rel="noreferrer">Temporal Web UI</a>`)}
    </dl>`;
  return {
    title: `${record.skill} – ${record.status.replaceAll('_', ' ')}`,
    section: 'runs',
    body,
    ...(isLive && { script: LIVE_SCRIPT }),
    // Not while somebody may be writing a comment.
    ...(isLive && form === undefined && { refreshSeconds: REFRESH_SECONDS }),
  };
}

/** How the steps of a run are laid out: as the plan has them, where the history tells it; else one after the other. */
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
          'at once',
          plan.plans.flatMap((each) => {
            const members = branches(each, item);
            return members.length > 1 ? [group('in order', members)] : members;
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

/** What changes while a run goes on, by the id of its element. */
type LiveParts = { readonly standing: Html; readonly result: Html } & Readonly<
  Record<`step-${number}`, Html>
>;

export function liveParts({ record, trace, result }: RunParts, now: number): LiveParts {
  const traced = new Map(trace.steps.map((step) => [step.number, step]));
  const undone = new Map(record.undoings?.map((undoing) => [undoing.step, undoing]));
  const steps = record.steps.map((step) => {
    const known = traced.get(step.number);
    const line = known === undefined ? untraced(step, record, trace) : tracedStep(known, now);
    return [`step-${step.number}`, html`${line}${undoingOf(undone.get(step.number))}`];
  });
  return {
    ...(Object.fromEntries(steps) as Readonly<Record<`step-${number}`, Html>>), // as they were named above
    standing: html`<p>${statusBadge(record.status, record.reason)}${pauseOf(record)}</p>
      ${record.error !== undefined && html`<p class="bad">${record.error.message}</p>`}`,
    result:
      result === undefined
        ? html``
        : html`<h2>Result</h2>
            <pre tabindex="0">${shown(result)}</pre>`,
  };
}

function pauseOf({ status, pause }: RunRecord): string | undefined {
  return status === 'paused' && pause !== undefined ? ` before step ${pause.step}` : undefined;
}

function tracedStep(step: StepTrace, now: number): Html {
  const { number, skill, attempts, scheduledAt, startedAt = scheduledAt, endedAt, output, failure } = step;
  // Temporal tells that a step was begun when it has ended.
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

function untraced({ number, skill }: StepRecord, record: RunRecord, trace: RunTrace): Html {
  return stepLine(number, skill, untracedStatus(record, trace, number));
}

const STEP_TONES: Readonly<Record<string, string>> = {
  success: 'good',
  error: 'bad',
  cancelled: 'bad',
  running: 'wait',
};

function stepLine(number: number, skill: string, status: string): Html {
  return html`<span class="badge ${STEP_TONES[status] ?? 'quiet'}">${status}</span> ${number}. ${skill}`;
}

function undoingOf(undoing: Undoing | undefined): Html | undefined {
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
