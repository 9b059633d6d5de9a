import { Command, Option } from 'clipanion';
import { listPending } from '../../../client/approvals.ts';
import { approvalItem } from '../../../core/approval-document.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { approvalCount, expiryOf } from '../../../core/parked-run.ts';
import type { ParkedRun } from '../../../core/parked-run.ts';
import { approversText } from '../../approval-view.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { MAX_LIMIT, limitOf } from '../../list-options.ts';
import { oneLine } from '../../plain-text.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../table.ts';

export class ApprovalsListCommand extends IdentifiedCommand {
  static override paths = [['approvals', 'list']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'List the runs that wait for people, newest first',
    details: 'Those that the caller may read or decide about.',
    examples: [
      ['All of them', 'skillos approvals list'],
      ['For a script', 'skillos approvals list --json'],
    ],
  });

  limit = Option.String('--limit', '20', { description: `At most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this run id' });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const { items, next } = await listPending(ports, await this.rights(), {
      limit: limitOf(this.limit),
      ...(this.after === undefined ? {} : { after: this.after }),
    });
    this.print({
      text: items.length === 0 ? 'no_approvals' : renderTable(HEAD, items.map(rowOf)),
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

const HEAD = ['RUN', 'ASKED BY', 'WHY', 'GIVEN', 'EXPIRES', 'WHO DECIDES'];

function rowOf({ id, principal, approval }: ParkedRun): readonly string[] {
  const { requirement } = approval;
  const given = `${approvalCount(approval)}/${requirement.nOf}`;
  const who = approversText(requirement);
  return [id, principal.subject, requirement.policy, given, expiryOf(approval), who].map(oneLine);
}
