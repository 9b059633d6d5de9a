import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../adapters/catalog/manifest-edit.ts';
import { undeprecateSkill } from '../../client/skills/skills.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { openCheckoutToWrite } from '../runtime.ts';

export class UndeprecateSkillCommand extends SkillosCommand {
  static override paths = [['undeprecate-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Undo the deprecation of a skill',
    details: 'Changes only these fields of its YAML.',
    examples: [['Use it again', 'skillos undeprecate-skill travel/find_trains']],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });

  async perform() {
    const id = parseSkillId(this.skill);
    const { root, ports } = openCheckoutToWrite(this);
    const manifests = { ...ports, editManifest: manifestEditor(root) };
    const document = await undeprecateSkill(manifests, await actorOf(this), id);
    this.print({ text: `skill_undeprecated: ${id}`, json: document });
    return EXIT.ok;
  }
}
