import { Command, Option } from 'clipanion';
import { listFeedback } from '../../../client/learning/feedback.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { feedbackListDocument, feedbackPage } from '../../../core/learning/feedback-document.ts';
import type { FeedbackPage } from '../../../core/learning/feedback-document.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { MAX_LIMIT, limitOf } from '../../input/list-options.ts';
import { renderTable } from '../../views/table.ts';
import { openFeedback } from './ports.ts';

export class FeedbackListCommand extends SkillosCommand {
  static override paths = [['feedback', 'list']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'List the feedback, and the weights of skills that follow from it',
    details: 'Newest first. Requires the permission feedback:write.',
    examples: [
      ['The last thousand', 'skillos feedback list'],
      ['For a script', 'skillos feedback list --json'],
    ],
  });

  identity = identityOptions();
  limit = Option.String('--limit', '1000', { description: `List at most this many, up to ${MAX_LIMIT}` });
  after = Option.String('--after', { description: 'Go on after this entry' });

  async perform() {
    const limit = limitOf(this.limit);
    const feedback = await listFeedback(openFeedback(this), await actorOf(this));
    const page = feedbackPage(feedback, { limit, after: this.after });
    this.print({
      text: feedback.entries.size === 0 ? 'no_feedback' : tablesOf(page),
      json: feedbackListDocument(page),
    });
    if (page.next !== undefined) this.note(`more: skillos feedback list --after ${page.next}`);
    return EXIT.ok;
  }
}

function tablesOf({ items, skills }: FeedbackPage): readonly string[] {
  const given = items.map(({ id, skill, expected, by, query }) => [
    id,
    skill,
    expected ?? 'right',
    by.subject,
    query ?? '',
  ]);
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
