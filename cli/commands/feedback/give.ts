import { Command, Option } from 'clipanion';
import { giveFeedback } from '../../../client/learning/feedback.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { feedbackDocument, feedbackEvent, idsOf } from '../../../core/learning/feedback-document.ts';
import type { FeedbackEntry } from '../../../core/learning/feedback.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openRequestEvents } from '../../request-events.ts';
import { runNamed } from '../../input/run-argument.ts';
import { openRuntime } from '../../runtime.ts';
import { openFeedback } from './ports.ts';

export class FeedbackCommand extends SkillosCommand {
  static override paths = [['feedback']];
  static override usage = Command.Usage({
    category: 'Operate',
    description: 'Say if the router chose the right skill for a query',
    details:
      'Confirms <skill>, or with --expected-skill-id names the right one: the same query, and queries that differ in a ' +
      'few words, are routed to it from then on. Without --query and --run it is about your last routed query of the ' +
      'last hour, if that went to <skill>. Requires the permission feedback:write.',
    examples: [
      ['The last query went to the right skill', 'skillos feedback travel/search_flights'],
      [
        'Another skill was meant',
        'skillos feedback travel/build_itinerary --expected-skill-id travel/search_flights --query "Sochi on Friday"',
      ],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'skill' });
  expected = Option.String('--expected-skill-id', { description: 'The skill that was meant' });
  query = Option.String('--query', { description: 'The query (default: that of --run, or your last one)' });
  run = Option.String('--run', { description: 'The run that the query started' });
  source = Option.String('--source', 'cli', { description: 'Where the feedback comes from (default: cli)' });

  async perform() {
    const skill = parseSkillId(this.skill);
    const expected = this.expected === undefined ? undefined : parseSkillId(this.expected);
    const actor = await actorOf(this);
    const { ports } = openRuntime(this);
    const runId = this.run === undefined ? undefined : await runNamed(this, ports, this.run);
    const given = { skill, expected, query: this.query, runId, source: this.source };
    const entry = await giveFeedback(openFeedback(this), actor, given);
    openRequestEvents(this, actor.rights.tenant).emit([feedbackEvent(entry)]);
    this.print({ text: `feedback_recorded: ${idsOf(entry).join(', ')}`, json: feedbackDocument(entry) });
    if (!entry.terms?.length) this.note(`note: ${unknownQuery(entry)}, so the weights alone have changed`);
    return EXIT.ok;
  }
}

function unknownQuery({ query }: FeedbackEntry): string {
  return query === undefined ? 'no query is known' : 'the query has no words that could be remembered';
}
