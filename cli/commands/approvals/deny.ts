import { Command } from 'clipanion';
import { DecisionCommand } from '../../decision-command.ts';

export class ApprovalsDenyCommand extends DecisionCommand {
  static override paths = [['approvals', 'deny']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Deny a run that waits; it ends blocked, and nothing of it is executed',
    examples: [
      [
        'A run',
        'skillos approvals deny admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "still needed"',
      ],
    ],
  });

  perform() {
    return this.decideAs('denied');
  }
}
