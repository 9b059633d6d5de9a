import { Command } from 'clipanion';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { decideAs, decisionOptions } from '../../running/decide.ts';

export class ApprovalsApproveCommand extends SkillosCommand {
  static override paths = [['approvals', 'approve']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Approve a waiting run; it continues with the plan that was shown',
    details:
      'Review it first: skillos approvals show. If another decision was final already, this one changes nothing ' +
      'and ends with approval_decided.',
    examples: [
      ['A run', 'skillos approvals approve admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      [
        'With a comment and the approval token',
        'skillos approvals approve admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "as agreed" --approval-token @token',
      ],
    ],
  });

  identity = identityOptions();
  given = decisionOptions();

  perform() {
    return decideAs(this, 'approved');
  }
}
