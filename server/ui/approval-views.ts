/** Views for approvers: the list of waiting runs, and the decision form on a run's page. */
import { formatAmount } from '../../core/values/amount.ts';
import { approvalCount, expiryOf } from '../../core/runs/run-approval.ts';
import type { RunWithApproval } from '../../core/runs/run-approval.ts';
import { MAX_COMMENT_LENGTH, approverLists } from '../../core/approvals/approval.ts';
import type { ApprovalRequirement, RecordedDecision } from '../../core/approvals/approval.ts';
import type { JsonValue } from '../../core/json.ts';
import { titleOf } from '../../core/runs/run-document.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { fact, formTokenField, runPath, timeAgo } from './page.ts';
import type { Frame, Page } from './page.ts';
import { shown } from './run-views.ts';

export function approvalsPage(waiting: readonly RunWithApproval[], now: number, next?: string): Page {
  const body = html`<h1>Approvals</h1>
    ${waiting.length === 0 ? html`<p>Nothing waits for a decision.</p>` : waiting.map((each) => card(each, now))}
    ${next !== undefined && html`<p><a href="/ui/approvals?after=${encodeURIComponent(next)}" rel="next">Older approvals</a></p>`}`;
  return { title: 'Approvals', section: 'approvals', body };
}

function card(run: RunWithApproval, now: number): Html {
  const { id, principal, createdAt, approval } = run;
  const title = titleOf(run);
  return html`<article class="card">
    <h2><a href="${runPath(id)}">${title}</a></h2>
    <p>
      <small>${id}</small><br />
      Requested by ${principal.subject} ${timeAgo(createdAt, now)}: ${approval.requirement.reasons.join('; ')}
    </p>
    ${seenFacts(run)} ${stepTable(run)}
    <dl class="facts">
      ${fact('Cost', costOf(run))} ${fact('Approvals', progress(run))}
      ${fact('Expires', timeAgo(expiryOf(approval), now))}
    </dl>
    <p>
      <a href="${runPath(id)}#decide">Decide on ${title}</a>
    </p>
  </article>`;
}

/** What the policy looked at, with the skill if there are several. */
export function seenFacts({ approval }: RunWithApproval): Html | undefined {
  const { seen = [], seenLeftOut } = approval.requirement;
  if (seen.length === 0) return undefined;
  const isOne = new Set(seen.map(({ skill }) => skill)).size === 1;
  const facts = seen.map(({ skill, field, value }) =>
    fact(`${isOne ? '' : `${skill} `}${field || 'input'}`, value === undefined ? 'nothing' : shown(value)),
  );
  return html`<dl class="facts key">${facts}</dl>
    ${seenLeftOut !== undefined && html`<p>and ${seenLeftOut} more</p>`}`;
}

function stepTable(record: RunRecord): Html {
  const rows = record.steps.map(
    ({ number, skill, sideEffects, cost }) =>
      html`<tr>
        <td data-label="Step">${number}</td>
        <th scope="row">${skill}</th>
        <td data-label="Side effects">${sideEffects ?? 'not declared'}</td>
        <td data-label="Cost">${cost === undefined ? 'nothing' : formatAmount(cost)}</td>
      </tr>`,
  );
  return html`<table>
    <caption>
      Planned steps
    </caption>
    <thead>
      <tr>
        <th scope="col">Step</th>
        <th scope="col">Skill</th>
        <th scope="col">Side effects</th>
        <th scope="col">Cost</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function costOf({ cost }: RunRecord): string | undefined {
  return cost === undefined ? undefined : formatAmount(cost);
}

function progress({ approval }: RunWithApproval): string {
  return `${approvalCount(approval)} of ${approval.requirement.nOf}`;
}

export interface DecisionForm {
  readonly run: RunWithApproval;
  readonly input: JsonValue;
  readonly frame: Frame;
  readonly now: number;
  /** Why the caller may not decide. */
  readonly refusal?: string | undefined;
}

/** Renders the form, or why there is none; its hidden digest names the plan that is shown, so a decision on another plan is refused. */
export function decisionForm({ run, input, frame, now, refusal }: DecisionForm): Html {
  const { requirement, step, decisions } = run.approval;
  return html`<section class="card" id="decide" aria-labelledby="decide-title">
    <h2 id="decide-title">${refusal === undefined ? 'Your decision' : 'Waits for a decision'}</h2>
    <dl class="facts">
      ${fact('Policy', requirement.policy)} ${fact('Reasons', requirement.reasons.join('; '))}
      ${fact('Who may decide', approversOf(requirement))} ${fact('Approvals', progress(run))}
      ${fact('Expires', timeAgo(expiryOf(run.approval), now))}
      ${fact('Waits before', step === undefined ? undefined : `step ${step}`)} ${fact('Cost', costOf(run))}
    </dl>
    ${stepTable(run)} ${warnings(run)}
    <h2>Input</h2>
    <pre tabindex="0" aria-label="Input">${shown(input)}</pre>
    ${decisionList(decisions, now)}
    ${refusal === undefined ? buttons(run, frame) : html`<p class="wait">${refusal}</p>`}
  </section>`;
}

function buttons({ id, approval }: RunWithApproval, frame: Frame): Html {
  return html`<form method="post" action="${runPath(id)}/decision">
    ${formTokenField(frame)}
    <input type="hidden" name="digest" value="${approval.digest}" />
    <label for="comment">Comment</label>
    <textarea id="comment" name="comment" rows="3" maxlength="${MAX_COMMENT_LENGTH}"></textarea>
    ${
      approval.requirement.proof &&
      html`<label for="approval_token">Approval token</label>
        <input id="approval_token" name="approval_token" type="password" autocomplete="off" required />`
    }
    <button class="good" name="decision" value="approved">Approve</button>
    <button class="bad" name="decision" value="denied">Deny</button>
  </form>`;
}

function warnings({ warnings: given = [] }: RunRecord): Html | undefined {
  if (given.length === 0) return undefined;
  return html`<ul>
    ${given.map(({ message }) => html`<li class="wait">${message}</li>`)}
  </ul>`;
}

function approversOf(requirement: ApprovalRequirement): string {
  const lists = approverLists(requirement).map((names) => names.join(' or '));
  const who = lists.length === 0 ? 'everybody with the right to decide approvals' : lists.join(', and from ');
  return requirement.allowSelf ? who : `${who}, but not the requester`;
}

/** Lists decisions in order; undefined without any. */
export function decisionList(decisions: readonly RecordedDecision[], now: number): Html | undefined {
  if (decisions.length === 0) return undefined;
  const items = decisions.map(
    ({ decision, subject, via, at, comment, counted, reason }) =>
      html`<li>
        <span class="badge ${decision === 'approved' ? 'good' : 'bad'}">${decision}</span> by
        ${subject || 'unknown'} (${via})
        ${timeAgo(at, now)}${!counted && html`, not counted: ${reason}`}${comment !== undefined && html`<br /><q>${comment}</q>`}
      </li>`,
  );
  return html`<h2>Decisions</h2>
    <ul>
      ${items}
    </ul>`;
}
