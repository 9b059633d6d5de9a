import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog.ts';
import { listSkills } from '../../../client/skills.ts';
import type { SkillEntry } from '../../../core/catalog.ts';
import { isActive } from '../../../core/composition.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { skillItem } from '../../../core/skill-document.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { oneLine } from '../../plain-text.ts';
import { renderTable } from '../../table.ts';

export class SkillsListCommand extends IdentifiedCommand {
  static override paths = [['skills', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the skills of a root',
    details: 'Only those that the caller may run.',
    examples: [
      ['Those in use', 'skillos skills list'],
      ['With this tag, deprecated ones too', 'skillos skills list --tag travel --all'],
    ],
  });

  tags = Option.Array('--tag', [], { description: 'Only skills with this tag; repeat for any of several' });
  all = Option.Boolean('--all', false, { description: 'Deprecated ones too' });

  async perform() {
    const filter = { tags: this.tags, withDeprecated: this.all };
    const { items, broken } = await listSkills(openCatalog(this.config.root), await this.rights(), filter);
    this.print({
      text:
        items.length === 0 ? 'no_skills' : renderTable(['SKILL', 'VERSION', 'DESCRIPTION'], items.map(rowOf)),
      json: { schema: 'skillos.skills/v1', items: items.map(skillItem) },
    });
    if (broken > 0) this.note(`warning: ${broken} of the files do not load: skillos validate`);
    return EXIT.ok;
  }
}

function rowOf({ id, manifest, composition }: SkillEntry): readonly string[] {
  const marks = [
    ...(manifest.deprecated ? ['(deprecated) '] : []),
    ...(composition === undefined || isActive(composition) ? [] : ['(inactive) ']),
  ];
  return [id, manifest.version, `${marks.join('')}${oneLine(manifest.description)}`];
}
