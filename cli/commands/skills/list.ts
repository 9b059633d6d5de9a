import { Command, Option } from 'clipanion';
import { listSkills } from '../../../client/skills/skills.ts';
import type { SkillEntry } from '../../../core/skills/catalog.ts';
import { isActive } from '../../../core/skills/composition.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { skillItem } from '../../../core/skills/skill-document.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openRuntime } from '../../runtime.ts';
import { unreadableOf, warnOfUnreadable } from '../../views/unreadable.ts';
import { oneLine } from '../../views/plain-text.ts';
import { tableFor } from '../../views/table.ts';

export class SkillsListCommand extends SkillosCommand {
  static override paths = [['skills', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the skills of a root',
    details: 'Shows the skills that the caller may run.',
    examples: [
      ['All but deprecated ones', 'skillos skills list'],
      ['With this tag, deprecated ones too', 'skillos skills list --tag travel --all'],
    ],
  });

  identity = identityOptions();
  tags = Option.Array('--tag', [], { description: 'Only skills with this tag; repeat for any of several' });
  all = Option.Boolean('--all', false, { description: 'Deprecated ones too' });

  async perform() {
    const filter = { tags: this.tags, withDeprecated: this.all };
    const { items, broken } = await listSkills(
      openRuntime(this).ports.catalogs,
      await rightsOf(this),
      filter,
    );
    this.print({
      text: items.length === 0 ? 'no_skills' : tableFor(this.context, { head: HEAD, rows: items.map(rowOf) }),
      json: { schema: 'skillos.skills/v1', items: items.map(skillItem), ...unreadableOf(broken) },
    });
    warnOfUnreadable(this, broken);
    return EXIT.ok;
  }
}

const HEAD = ['SKILL', 'VERSION', 'DESCRIPTION'];

function rowOf({ id, manifest, composition }: SkillEntry): readonly string[] {
  const marks = [
    ...(manifest.deprecated ? ['(deprecated) '] : []),
    ...(composition === undefined || isActive(composition) ? [] : ['(inactive) ']),
  ];
  return [id, manifest.version, `${marks.join('')}${oneLine(manifest.description)}`];
}
