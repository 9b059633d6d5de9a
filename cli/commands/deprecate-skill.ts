import { Command, Option } from 'clipanion';
import { openCatalog } from '../../adapters/catalog.ts';
import { editManifest } from '../../adapters/manifest-edit.ts';
import { checkReplacement } from '../../core/deprecation.ts';
import { SkillosError } from '../../core/errors.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { findSkill } from '../../core/find-skill.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { IdentifiedCommand } from '../identified-command.ts';

export class DeprecateSkillCommand extends IdentifiedCommand {
  static override paths = [['deprecate-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Mark a skill as deprecated',
    details: 'Changes only these fields of its YAML. Give a reason, a replacement or both.',
    examples: [
      [
        'With what to use instead',
        'skillos deprecate-skill travel/find_trains --reason "no timetable" --replacement travel/search_flights',
      ],
    ],
  });

  skill = Option.String({ name: 'id' });
  reason = Option.String('--reason', { description: 'Why it should no longer be used' });
  replacement = Option.String('--replacement', { description: 'Id of the skill to use instead' });

  async perform() {
    const id = parseSkillId(this.skill);
    const reason = this.reason?.trim();
    const replacement = this.replacement === undefined ? undefined : parseSkillId(this.replacement);
    if (!reason && replacement === undefined) {
      throw new SkillosError('usage', 'Expected --reason or --replacement');
    }
    const { root } = this.config;
    await this.demand('skills:write');
    const catalogs = openCatalog(root);
    const entry = await findSkill(catalogs, id);
    if (replacement !== undefined) checkReplacement(id, replacement, (await catalogs.load()).skills);
    await editManifest(root, entry, {
      deprecated: true,
      ...(reason ? { deprecation_reason: reason } : {}),
      ...(replacement === undefined ? {} : { replacement_id: replacement }),
    });
    this.print({
      text: `skill_deprecated: ${id}`,
      json: { schema: 'skillos.deprecation/v1', skill: id, deprecated: true, file: entry.file },
    });
    return EXIT.ok;
  }
}
