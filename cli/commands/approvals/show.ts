import { Command, Option } from 'clipanion';
import { showApproval } from '../../../client/approvals.ts';
import { approvalDocument } from '../../../core/approval-document.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { approvalLines } from '../../approval-view.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

export class ApprovalsShowCommand extends IdentifiedCommand {
  static override paths = [['approvals', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show what a run waits for: plan, input, side effects, cost, who asks and who may decide',
    details: 'Also after it was decided: by whom, when, by which way.',
    examples: [['A run', 'skillos approvals show admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  runId = Option.String({ name: 'run' });

  async perform() {
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const { run, input } = await showApproval(ports, await this.rights(), this.runId);
    this.print({ text: approvalLines(run, input), json: approvalDocument(run, input) });
    return EXIT.ok;
  }
}
