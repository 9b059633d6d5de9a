import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../adapters/manifest-edit.ts';
import { undeprecateSkill } from '../../client/skills.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { openRuntime } from '../runtime.ts';

export class UndeprecateSkillCommand extends IdentifiedCommand {
  static override paths = [['undeprecate-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Take back the deprecation of a skill',
    details: 'Changes only these fields of its YAML.',
    examples: [['Use it again', 'skillos undeprecate-skill travel/find_trains']],
  });

  skill = Option.String({ name: 'id' });

  async perform() {
    const id = parseSkillId(this.skill);
    const { root, ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const manifests = { ...ports, editManifest: manifestEditor(root) };
    const document = await undeprecateSkill(manifests, await this.actor(), id);
    this.print({ text: `skill_undeprecated: ${id}`, json: document });
    return EXIT.ok;
  }
}
