import { Command } from 'clipanion';
import { listFeedback } from '../../../client/learning/feedback.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import type { Feedback } from '../../../core/learning/feedback-state.ts';
import { feedbackListDocument } from '../../../core/learning/feedback-document.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { renderTable } from '../../views/table.ts';
import { openFeedback } from './ports.ts';

export class FeedbackListCommand extends SkillosCommand {
  static override paths = [['feedback', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the feedback, and the weights of skills that follow from it',
    details: 'Newest first. Requires the permission feedback:write.',
    examples: [
      ['All of it', 'skillos feedback list'],
      ['For a script', 'skillos feedback list --json'],
    ],
  });

  identity = identityOptions();

  async perform() {
    const feedback = await listFeedback(openFeedback(this), await actorOf(this));
    this.print({
      text: feedback.entries.size === 0 ? 'no_feedback' : tablesOf(feedback),
      json: feedbackListDocument(feedback),
    });
    return EXIT.ok;
  }
}

function tablesOf({ entries, skills }: Feedback): readonly string[] {
  const given = [...entries.values()]
    .reverse()
    .map(({ id, skill, expected, by, query }) => [id, skill, expected ?? 'right', by.subject, query ?? '']);
  const weights = [...skills]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([skill, { confidence, positive, negative }]) => [
      skill,
      confidence.toFixed(3),
      String(positive),
      String(negative),
    ]);
  return [
    ...renderTable(['ID', 'SKILL', 'EXPECTED', 'BY', 'QUERY'], given),
    '',
    ...renderTable(['SKILL', 'WEIGHT', 'RIGHT', 'WRONG'], weights),
  ];
}
