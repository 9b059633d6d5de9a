import { Command, Option } from 'clipanion';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import { addSkill } from '../../adapters/catalog/scaffold.ts';
import { authorize, recordAudit } from '../../client/audit/authorize.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { openCheckoutToWrite } from '../runtime.ts';

export class AddSkillCommand extends SkillosCommand {
  static override paths = [['add-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Create a skill: manifest, implementation and test',
    details: 'Never overwrites a file. The new skill runs without changes and returns "<id> executed".',
    examples: [
      ['A skill in the default root', 'skillos add-skill travel/find_trains'],
      [
        'With name and tags',
        'skillos add-skill travel/find_trains --name "Find trains" --tag rail --tag tickets --root my-skills',
      ],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  skillName = Option.String('--name', { description: 'Title of the skill (default: from its id)' });
  description = Option.String('--description', { description: 'Description, which routing uses' });
  tags = Option.Array('--tag', [], { description: 'A tag; repeat for more (default: the domain)' });

  async perform() {
    const id = parseSkillId(this.skill);
    const { root } = this.config;
    const { ports } = openCheckoutToWrite(this);
    const actor = await actorOf(this);
    await authorize(ports, actor, { operation: 'skills:write', skill: id });
    const { skillName: name, description, tags } = this;
    const files = await addSkill(root, openCatalog(root), { id, name, description, tags });
    await recordAudit(ports, actor, { action: 'skill_added', skill: id, after: { ...files } });
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
