/** An approval for people: everything that whoever decides should have seen. */
import { formatAmount } from '../core/amount.ts';
import { approverLists } from '../core/approval.ts';
import type { ApprovalRequirement, RecordedDecision } from '../core/approval.ts';
import type { JsonValue } from '../core/json.ts';
import { approvalCount, expiryOf, standingOf } from '../core/parked-run.ts';
import type { ParkedRun } from '../core/parked-run.ts';
import { oneLine, plain } from './plain-text.ts';

export function approvalLines(run: ParkedRun, input: JsonValue): readonly string[] {
  const { approval } = run;
  const { requirement, digest, step, decisions } = approval;
  const { subject, roles, via } = run.principal;
  const held = roles.length === 0 ? '' : `, ${roles.map((role) => `role ${role}`).join(', ')}`;
  const standing = standingOf(run);
  return [
    field('run', run.id),
    field('status', standing),
    field('asked', `${run.createdAt} by ${oneLine(subject)} (${via}${oneLine(held)})`),
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
    ...JSON.stringify(input, null, 2)
      .split('\n')
      .map((line) => `  ${plain(line)}`),
    ...(decisions.length === 0 ? [] : ['decisions', ...decisions.map(decisionLine)]),
    ...(standing === 'pending' ? howToDecide(run.id) : []),
  ];
}

function howToDecide(runId: string): readonly string[] {
  return [
    `approve: skillos approvals approve ${runId}`,
    `deny:    skillos approvals deny ${runId} --comment <why>`,
  ];
}

export function approversText(requirement: ApprovalRequirement): string {
  const lists = approverLists(requirement).map((list) => list.join(' or '));
  if (lists.length === 0) return 'whoever may approvals:decide';
  return lists.length === 1 ? lists.join('') : lists.map((list) => `(${list})`).join(' and ');
}

function needsText({ approval }: ParkedRun): string {
  const { nOf, allowSelf, proof } = approval.requirement;
  return [
    `${approvalCount(approval)} of ${nOf} ${nOf === 1 ? 'approval' : 'approvals'}`,
    ...(allowSelf ? [] : ['not from who asked']),
    ...(proof ? ['with the approval token'] : []),
  ].join(', ');
}

function stepLine({ number, skill, sideEffects, cost }: ParkedRun['steps'][number]): string {
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
