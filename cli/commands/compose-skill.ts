import { Command, Option } from 'clipanion';
import { composeSkill } from '../../client/compositions.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseSteps } from '../../core/plan-steps.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { compositionDocument, compositionPorts } from '../compositions.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { openRuntime } from '../runtime.ts';

export class ComposeSkillCommand extends IdentifiedCommand {
  static override paths = [['compose-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Make a skill of skills',
    details:
      'The output of a step is the payload of the next; skills joined by | or a comma run at once. Every call makes ' +
      'a new version, which runs once it was tested and activated. What it replaces is kept: skillos versions list.',
    examples: [
      [
        'Two at once, then a third',
        'skillos compose-skill travel/plan_trip --step "travel/search_flights|travel/search_hotels" --step travel/build_itinerary',
      ],
      [
        'With its own words, which routing reads',
        'skillos compose-skill travel/plan_trip --step travel/search_flights --step travel/build_itinerary --name "Plan a trip" --description "Find flights and plan the days"',
      ],
    ],
  });

  skill = Option.String({ name: 'id' });
  steps = Option.Array('--step', [], {
    description: 'A skill, or several joined by | or a comma to run at once; repeat for the next step',
  });
  skillName = Option.String('--name', { description: 'Title of the skill (default: from its id)' });
  description = Option.String('--description', { description: 'What it does: routing reads this' });

  async perform() {
    const id = parseSkillId(this.skill);
    const steps = parseSteps(this.steps);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { skillName: name, description } = this;
    const made = await composeSkill(compositionPorts(runtime), await this.actor(), {
      id,
      steps,
      name,
      description,
    });
    this.print({
      text: `composed_skill_created: ${id} version=${made.version}`,
      json: compositionDocument(made, false),
    });
    this.note('It does not run yet. Next:');
    this.note(`  skillos test ${id} --root ${this.config.root}`);
    this.note(`  skillos activate-skill ${id} --approval approved --root ${this.config.root}`);
    return EXIT.ok;
  }
}
