import { Command } from 'clipanion';
import { SkillosCommand } from '../command.ts';
import { identityOptions } from '../input/identity.ts';
import { decideAs, decisionOptions } from '../running/decide.ts';

export class ApproveCommand extends SkillosCommand {
  static override paths = [['approve']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Approve a waiting run: the same as approvals approve',
    examples: [
      ['A run', 'skillos approve admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "as agreed"'],
    ],
  });

  identity = identityOptions();
  given = decisionOptions();

  perform() {
    return decideAs(this, 'approved');
  }
}
