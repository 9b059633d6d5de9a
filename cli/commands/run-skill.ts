import { Command, Option } from 'clipanion';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { SkillosCommand } from '../command.ts';
import { identityOptions } from '../input/identity.ts';
import { runOptions } from '../input/run-options.ts';
import { runAndPrint } from '../running/print-outcome.ts';

export class RunSkillCommand extends SkillosCommand {
  static override paths = [['run-skill']];
  static override usage = Command.Usage({
    category: 'Run',
    description: 'Run one skill by its id',
    details: 'Prints only the result. Progress goes to stderr.',
    examples: [
      ['With a payload', 'skillos run-skill travel/search_flights --payload "from Moscow to Sochi"'],
      ['With JSON from a file', 'skillos run-skill text/summarize --payload @article.txt --json'],
      ['In the background', 'skillos run-skill travel/search_flights --payload Sochi --detach'],
    ],
  });

  identity = identityOptions();
  running = runOptions();
  skill = Option.String({ name: 'skill' });

  async perform() {
    return runAndPrint(this, { kind: 'skill', skill: parseSkillId(this.skill) });
  }
}
