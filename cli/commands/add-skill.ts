import { Command, Option } from 'clipanion';
import { openCatalog } from '../../adapters/catalog.ts';
import { addSkill } from '../../adapters/scaffold.ts';
import { permit, recordAct } from '../../client/actor.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { openRuntime } from '../runtime.ts';

export class AddSkillCommand extends IdentifiedCommand {
  static override paths = [['add-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Create a skill: manifest, implementation and test',
    details: 'Nothing is overwritten. The new skill runs as it is: it answers "<id> executed".',
    examples: [
      ['A skill in the default root', 'skillos add-skill travel/find_trains'],
      [
        'With its own words',
        'skillos add-skill travel/find_trains --name "Find trains" --tag rail --tag tickets --root my-skills',
      ],
    ],
  });

  skill = Option.String({ name: 'id' });
  skillName = Option.String('--name', { description: 'Title of the skill (default: from its id)' });
  description = Option.String('--description', { description: 'What it does: routing reads this' });
  tags = Option.Array('--tag', [], { description: 'A tag; repeat for more (default: the domain)' });

  async perform() {
    const id = parseSkillId(this.skill);
    const { root } = this.config;
    const { ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const actor = await this.actor();
    await permit(ports, actor, { operation: 'skills:write', skill: id });
    const { skillName: name, description, tags } = this;
    const files = await addSkill(root, openCatalog(root), { id, name, description, tags });
    await recordAct(ports, actor, { action: 'skill_added', skill: id, after: { ...files } });
    this.print({
      text: `Created ${files.manifest} and ${files.implementation}`,
      json: { schema: 'skillos.scaffold/v1', skill: id, ...files },
    });
    this.note('Next:');
    this.note(`  skillos run-skill ${id} --root ${root}`);
    this.note(`  skillos test ${id} --root ${root}`);
    this.note(`  skillos validate --root ${root}`);
    return EXIT.ok;
  }
}
