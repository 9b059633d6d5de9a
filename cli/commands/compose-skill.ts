import { Command, Option } from 'clipanion';
import { composeSkill } from '../../client/compositions/compositions.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { parseSteps } from '../../core/plans/plan-steps.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { compositionDocument, compositionPorts } from '../compositions.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { openCheckoutToWrite } from '../runtime.ts';

export class ComposeSkillCommand extends SkillosCommand {
  static override paths = [['compose-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Compose a skill from other skills',
    details:
      'The output of a step is the payload of the next; skills joined by | or a comma run at once. Every call creates ' +
      'a new version, which must be tested and activated. Earlier versions are kept: skillos versions list.',
    examples: [
      [
        'Two at once, then a third',
        'skillos compose-skill travel/plan_trip --step "travel/search_flights|travel/search_hotels" --step travel/build_itinerary',
      ],
      [
        'With name and description, which routing uses',
        'skillos compose-skill travel/plan_trip --step travel/search_flights --step travel/build_itinerary --name "Plan a trip" --description "Find flights and plan the days"',
      ],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  steps = Option.Array('--step', [], {
    description: 'A skill, or several joined by | or a comma to run at once; repeat for the next step',
  });
  skillName = Option.String('--name', { description: 'Title of the skill (default: from its id)' });
  description = Option.String('--description', { description: 'Description, which routing uses' });

  async perform() {
    const id = parseSkillId(this.skill);
    const steps = parseSteps(this.steps);
    const runtime = openCheckoutToWrite(this);
    const { skillName: name, description } = this;
    const made = await composeSkill(compositionPorts(runtime), await actorOf(this), {
      id,
      steps,
      name,
      description,
    });
    this.print({
      text: `composed_skill_created: ${id} version=${made.version}`,
      json: compositionDocument(made, false),
    });
    this.note('It is not active yet. Next:');
    this.note(`  skillos test ${id} --root ${this.config.root}`);
    this.note(`  skillos activate-skill ${id} --approval approved --root ${this.config.root}`);
    return EXIT.ok;
  }
}
