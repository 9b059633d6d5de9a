import { Command } from 'clipanion';
import { SkillosCommand } from '../../command.ts';
import { identityOptions } from '../../input/identity.ts';
import { decideAs, decisionOptions } from '../../running/decide.ts';

export class ApprovalsDenyCommand extends SkillosCommand {
  static override paths = [['approvals', 'deny']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Deny a waiting run; it ends blocked, and none of its waiting steps run',
    examples: [
      [
        'A run',
        'skillos approvals deny admin.delete_records-01KAP3M2Q4V8Z0W6T5R7Y9X1BC --comment "still needed"',
      ],
    ],
  });

  identity = identityOptions();
  given = decisionOptions();

  perform() {
    return decideAs(this, 'denied');
  }
}
