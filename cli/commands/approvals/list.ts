import { Command, Option } from 'clipanion';
import { listPending } from '../../../client/approvals/approvals.ts';
import { approvalItem } from '../../../core/runs/approval-document.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { approvalCount, expiryOf } from '../../../core/runs/run-approval.ts';
import type { RunWithApproval } from '../../../core/runs/run-approval.ts';
import { approversText } from '../../../core/approvals/approval.ts';
import { formatAge } from '../../../core/values/duration.ts';
import { shortRunId } from '../../../core/values/run-id.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf } from '../../input/list-options.ts';
import { oneLine } from '../../views/plain-text.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import { tableFor } from '../../views/table.ts';

export class ApprovalsListCommand extends SkillosCommand {
  static override paths = [['approvals', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List the runs that wait for an approval, newest first',
    details: 'Shows the runs that the caller may read or decide about.',
    examples: [
      ['All of them', 'skillos approvals list'],
      ['For a script', 'skillos approvals list --json'],
    ],
  });

  identity = identityOptions();
  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Continue after this run id' });

  async perform() {
    const { ports } = openRuntime(this);
    const { items, next } = await listPending(ports, await rightsOf(this), {
      limit: limitOf(this.limit),
      ...(this.after === undefined ? {} : { after: await runNamed(this, ports, this.after) }),
    });
    this.print({
      text:
        items.length === 0
          ? 'no_approvals'
          : tableFor(this.context, { head: HEAD, rows: items.map(rowOf) }, () => ({
              head: COMPACT_HEAD,
              rows: items.map((run) => compactRowOf(run, this.context.now())),
            })),

      json: {
        schema: 'skillos.approvals/v1',
        items: items.map(approvalItem),
        ...(next === undefined ? {} : { next }),
      },
    });
    if (next !== undefined) this.note(`more: skillos approvals list --after ${next}`);
    return EXIT.ok;
  }
}

const HEAD = ['RUN', 'REQUESTER', 'POLICY', 'APPROVALS', 'EXPIRES', 'APPROVERS'];
const COMPACT_HEAD = ['RUN', 'BY', 'POLICY', 'GIVEN', 'EXPIRES', 'APPROVERS'];

function rowOf(run: RunWithApproval): readonly string[] {
  const { id, principal, approval } = run;
  const { requirement } = approval;
  const cells = [id, principal.subject, requirement.policy, givenOf(run), expiryOf(approval)];
  return [...cells, approversText(requirement)].map(oneLine);
}

function compactRowOf(run: RunWithApproval, now: number): readonly string[] {
  const [id = '', by = '', policy = '', given = '', expiry = '', who = ''] = rowOf(run);
  return [shortRunId(id), by, policy, given, `in ${formatAge(Date.parse(expiry) - now)}`, who];
}

function givenOf({ approval }: RunWithApproval): string {
  return `${approvalCount(approval)}/${approval.requirement.nOf}`;
}
