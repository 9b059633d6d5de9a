import { Command, Option } from 'clipanion';
import { DEFAULT_PAYLOAD } from '../../core/accept-input.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { RunningCommand } from '../run-command.ts';

export class RunSkillCommand extends RunningCommand {
  static override paths = [['run-skill']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run one skill by its id',
    details: 'Prints the result alone. Progress goes to stderr.',
    examples: [
      ['With a payload', 'skillos run-skill travel/search_flights --payload "from Moscow to Sochi"'],
      ['With JSON from a file', 'skillos run-skill text/summarize --payload @article.txt --json'],
      ['In the background', 'skillos run-skill travel/search_flights --payload Sochi --detach'],
    ],
  });

  skill = Option.String({ name: 'skill' });

  async perform() {
    const skill = parseSkillId(this.skill);
    const payload = (await this.givenPayload()) ?? DEFAULT_PAYLOAD;
    return this.executeRun({ plan: { kind: 'step', step: { skill } }, payload });
  }
}
