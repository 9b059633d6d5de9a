import { Command, Option } from 'clipanion';
import { manifestEditor } from '../../adapters/catalog/manifest-edit.ts';
import { deprecateSkill } from '../../client/skills/skills.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import { EXIT } from '../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../core/values/skill-id.ts';
import { SkillosCommand } from '../command.ts';
import { actorOf, identityOptions } from '../input/identity.ts';
import { openCheckoutToWrite } from '../runtime.ts';

export class DeprecateSkillCommand extends SkillosCommand {
  static override paths = [['deprecate-skill']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Mark a skill as deprecated',
    details: 'Changes only these fields of its YAML. Requires a reason, a replacement or both.',
    examples: [
      [
        'With a replacement',
        'skillos deprecate-skill travel/find_trains --reason "no timetable" --replacement travel/search_flights',
      ],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  reason = Option.String('--reason', { description: 'Reason of the deprecation' });
  replacement = Option.String('--replacement', { description: 'Id of the skill to use instead' });

  async perform() {
    const id = parseSkillId(this.skill);
    const reason = this.reason?.trim();
    const replacement = this.replacement === undefined ? undefined : parseSkillId(this.replacement);
    if (!reason && replacement === undefined) {
      throw new SkillosError('usage', 'Expected --reason or --replacement');
    }
    const { root, ports } = openCheckoutToWrite(this);
    const manifests = { ...ports, editManifest: manifestEditor(root) };
    const document = await deprecateSkill(manifests, await actorOf(this), { id, reason, replacement });
    this.print({ text: `skill_deprecated: ${id}`, json: document });
    return EXIT.ok;
  }
}
