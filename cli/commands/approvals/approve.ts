import { Command } from 'clipanion';
import { DecisionCommand } from '../../decision-command.ts';

export class ApprovalsApproveCommand extends DecisionCommand {
  static override paths = [['approvals', 'approve']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Approve a run that waits; it goes on as it was shown',
    details:
      'Look at it first: skillos approvals show. Where another decision was final already, this one changes nothing ' +
      'and ends with approval_decided.',
    examples: [
      ['A run', 'skillos approvals approve admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC'],
      [
        'With a comment, where the worker asks for the approval token',
        'skillos approvals approve admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "as agreed" --approval-token @token',
      ],
    ],
  });

  perform() {
    return this.decideAs('approved');
  }
}
