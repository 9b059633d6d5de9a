import { Command } from 'clipanion';
import { SkillosCommand } from '../command.ts';
import { identityOptions } from '../input/identity.ts';
import { decideAs, decisionOptions } from '../running/decide.ts';

export class DenyCommand extends SkillosCommand {
  static override paths = [['deny']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Deny a waiting run: the same as approvals deny',
    examples: [
      ['A run', 'skillos deny admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "still needed"'],
    ],
  });

  identity = identityOptions();
  given = decisionOptions();

  perform() {
    return decideAs(this, 'denied');
  }
}
