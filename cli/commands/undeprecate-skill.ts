import { Command, Option } from 'clipanion';
import { openCatalog } from '../../adapters/catalog.ts';
import { editManifest } from '../../adapters/manifest-edit.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { findSkill } from '../../core/find-skill.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { IdentifiedCommand } from '../identified-command.ts';

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
    const { root } = this.config;
    await this.demand('skills:write');
    const entry = await findSkill(openCatalog(root), id);
    if (entry.manifest.deprecated || entry.manifest.deprecation_reason || entry.manifest.replacement_id) {
      await editManifest(root, entry, {
        deprecated: false,
        deprecation_reason: undefined,
        replacement_id: undefined,
      });
    }
    this.print({
      text: `skill_undeprecated: ${id}`,
      json: { schema: 'skillos.deprecation/v1', skill: id, deprecated: false, file: entry.file },
    });
    return EXIT.ok;
  }
}
