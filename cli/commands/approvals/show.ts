import { Command, Option } from 'clipanion';
import { showApproval, signalCodeFor } from '../../../client/approvals/approvals.ts';
import { approvalDocument } from '../../../core/runs/approval-document.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { approvalLines } from '../../views/approval-view.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { knownServerKey } from '../../../adapters/machine/engine-key.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';

export class ApprovalsShowCommand extends SkillosCommand {
  static override paths = [['approvals', 'show']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Show an approval request: plan, input, side effects, cost, requester and approvers',
    details: 'After the decision it also shows who decided, when and through which channel.',
    examples: [['A run', 'skillos approvals show admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC']],
  });

  identity = identityOptions();
  runId = Option.String({ name: 'run' });

  async perform() {
    const { ports } = openRuntime(this);
    const rights = await rightsOf(this);
    const { run, input } = await showApproval(ports, rights, await runNamed(this, ports, this.runId));
    const code = signalCodeFor(run, rights, knownServerKey(this.config, this.context.env));
    this.print({
      text: approvalLines(run, input, code),
      json: { ...approvalDocument(run, input), ...(code === undefined ? {} : { signal_code: code }) },
    });
    return EXIT.ok;
  }
}
