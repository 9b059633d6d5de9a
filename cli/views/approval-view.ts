/** An approval request for people: everything that a decider should see. */
import { formatAmount } from '../../core/values/amount.ts';
import { approversText } from '../../core/approvals/approval.ts';
import type { ApprovalRequirement, RecordedDecision } from '../../core/approvals/approval.ts';
import { prettyJson } from '../../core/values/json-text.ts';
import type { JsonValue } from '../../core/json.ts';
import { approvalCount, expiryOf, approvalStatus } from '../../core/runs/run-approval.ts';
import type { ParkedApproval } from '../../core/approvals/parked-approval.ts';
import type { RunWithApproval } from '../../core/runs/run-approval.ts';
import { oneLine, plain } from './plain-text.ts';

/** `code` lets the Temporal Web UI decide. */
export function approvalLines(
  run: RunWithApproval,
  input: JsonValue,
  code: string | undefined,
): readonly string[] {
  const { approval } = run;
  const { requirement, digest, step, decisions } = approval;
  const { subject, roles, via } = run.principal;
  const held = roles.length === 0 ? '' : `, ${roles.map((role) => `role ${role}`).join(', ')}`;
  const standing = approvalStatus(run);
  return [
    field('run', run.id),
    field('status', standing),
    ...seenLines(requirement),
    field('requested', `${run.createdAt} by ${oneLine(subject)} (${via}${oneLine(held)})`),
    field('waits', `since ${approval.since}, until ${expiryOf(approval)}, which denies`),
    field('why', requirement.policy),
    ...requirement.reasons.map((reason) => `  ${oneLine(reason)}`),
    field('who', oneLine(approversText(requirement))),
    field('needs', needsText(run)),
    field('digest', digest),
    ...(run.cost === undefined ? [] : [field('cost', formatAmount(run.cost))]),
    ...(run.warnings ?? []).map(({ message }) => field('warning', oneLine(message))),
    step === undefined ? 'steps' : `steps, of which ${step} waits`,
    ...run.steps.map(stepLine),
    'input',
    ...prettyJson(input)
      .split('\n')
      .map((line) => `  ${plain(line)}`),
    ...(decisions.length === 0 ? [] : ['decisions', ...decisions.map(decisionLine)]),
    ...(standing === 'pending' ? howToDecide(run.id, code) : []),
  ];
}

/** What the policy looked at; the skill is named if there are several. */
function seenLines({ seen = [], seenLeftOut }: ApprovalRequirement): readonly string[] {
  const isOne = new Set(seen.map(({ skill }) => skill)).size === 1;
  const lines = seen.map(({ skill, field: pointer, value }) =>
    field('about', `${isOne ? '' : `${skill} `}${oneLine(pointer || 'input')}: ${valueText(value)}`),
  );
  return seenLeftOut === undefined ? lines : [...lines, field('about', `and ${seenLeftOut} more`)];
}

function valueText(value: JsonValue | undefined): string {
  return value === undefined ? 'nothing' : plain(JSON.stringify(value));
}

/** For the requester of a run that begins to wait: why, and the commands to look at it and to decide. */
export function decisionLines(runId: string, { requirement }: ParkedApproval): readonly string[] {
  return [
    ...requirement.reasons.map((reason) => `reason: ${reason}`),
    `  who:     ${oneLine(approversText(requirement))}`,
    `  look:    skillos approvals show ${runId}`,
    `  decide:  skillos approve ${runId}   or: skillos deny ${runId}`,
  ];
}

function howToDecide(runId: string, code: string | undefined): readonly string[] {
  return [
    `approve: skillos approvals approve ${runId}`,
    `deny:    skillos approvals deny ${runId} --comment <why>`,
    ...(code === undefined
      ? []
      : [`web ui:  signal approve or deny with the input "${code}", or "${code} <comment>"`]),
  ];
}

function needsText({ approval }: RunWithApproval): string {
  const { nOf, allowSelf, proof } = approval.requirement;
  return [
    `${approvalCount(approval)} of ${nOf} ${nOf === 1 ? 'approval' : 'approvals'}`,
    ...(allowSelf ? [] : ['not by the requester']),
    ...(proof ? ['with the approval token'] : []),
  ].join(', ');
}

function stepLine({ number, skill, sideEffects, cost }: RunWithApproval['steps'][number]): string {
  const details = [
    ...(sideEffects === undefined ? [] : [sideEffects]),
    ...(cost === undefined ? [] : [`costs ${formatAmount(cost)}`]),
  ];
  return `  ${number} ${skill}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

function decisionLine(made: RecordedDecision): string {
  const { decision, subject, via, at, comment, counted, reason } = made;
  const who = subject === '' ? 'somebody' : oneLine(subject);
  const said = comment === undefined ? '' : `: ${JSON.stringify(oneLine(comment))}`;
  return `  ${at} ${decision} by ${who} by way of ${via}${said}${counted ? '' : ` (ignored: ${reason})`}`;
}

function field(name: string, value: string): string {
  return `${name.padEnd(11)}${value}`;
}
