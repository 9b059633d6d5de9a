import { Command } from 'clipanion';
import { DecisionCommand } from '../decision-command.ts';

export class ApproveCommand extends DecisionCommand {
  static override paths = [['approve']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Approve a run that waits: the same as approvals approve',
    examples: [
      ['A run', 'skillos approve admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "as agreed"'],
    ],
  });

  perform() {
    return this.decideAs('approved');
  }
}
