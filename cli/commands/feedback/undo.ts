import { Command, Option } from 'clipanion';
import { undoFeedback } from '../../../client/learning/feedback.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { feedbackDocument } from '../../../core/learning/feedback-document.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openFeedback } from './ports.ts';

export class FeedbackUndoCommand extends SkillosCommand {
  static override paths = [['feedback', 'undo']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Remove one entry, as if it had never been',
    details: 'Requires the permission feedback:write.',
    examples: [['Remove an entry of feedback list', 'skillos feedback undo 01KDVDNGTR0000000000000007']],
  });

  identity = identityOptions();
  entry = Option.String({ name: 'id' });

  async perform() {
    const entry = await undoFeedback(openFeedback(this), await actorOf(this), this.entry);
    this.print({ text: `feedback_undone: ${entry.id}`, json: feedbackDocument(entry, true) });
    return EXIT.ok;
  }
}
