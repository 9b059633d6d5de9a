import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../adapters/manifest-edit.ts';
import { deprecateSkill } from '../../client/skills.ts';
import { SkillosError } from '../../core/errors.ts';
import { EXIT } from '../../core/exit-codes.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { IdentifiedCommand } from '../identified-command.ts';
import { openRuntime } from '../runtime.ts';

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
    const { root, ports } = openRuntime(this.config, this.context, (line) => this.note(line));
    const manifests = { ...ports, editManifest: manifestEditor(root) };
    const document = await deprecateSkill(manifests, await this.actor(), { id, reason, replacement });
    this.print({ text: `skill_deprecated: ${id}`, json: document });
    return EXIT.ok;
  }
}
