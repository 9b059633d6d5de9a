import { Command, Option } from 'clipanion';
import { openCatalog } from '../../../adapters/catalog.ts';
import type { SkillEntry } from '../../../core/catalog.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { SkillosCommand } from '../../command.ts';
import { oneLine } from '../../plain-text.ts';
import { renderTable } from '../../table.ts';

export class SkillsListCommand extends SkillosCommand {
  static override paths = [['skills', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the skills of a root',
    examples: [
      ['Those in use', 'skillos skills list'],
      ['With this tag, deprecated ones too', 'skillos skills list --tag travel --all'],
    ],
  });

  tags = Option.Array('--tag', [], { description: 'Only skills with this tag; repeat for any of several' });
  all = Option.Boolean('--all', false, { description: 'Deprecated ones too' });

  async perform() {
    const { skills, findings } = await openCatalog(this.config.root).load();
    const shown = [...skills.values()].filter((entry) => this.isAsked(entry)).sort(byId);
    this.print({
      text:
        shown.length === 0 ? 'no_skills' : renderTable(['SKILL', 'VERSION', 'DESCRIPTION'], shown.map(rowOf)),
      json: { schema: 'skillos.skills/v1', items: shown.map(documentOf) },
    });
    const broken = new Set(findings.filter(({ severity }) => severity === 'error').map(({ file }) => file));
    if (broken.size > 0) this.note(`warning: ${broken.size} of the files do not load: skillos validate`);
    return EXIT.ok;
  }

  private isAsked({ manifest }: SkillEntry): boolean {
    if (manifest.deprecated && !this.all) return false;
    return this.tags.length === 0 || this.tags.some((tag) => manifest.tags.includes(tag));
  }
}

function byId(a: SkillEntry, b: SkillEntry): number {
  return a.id < b.id ? -1 : 1;
}

function rowOf({ id, manifest }: SkillEntry): readonly string[] {
  const mark = manifest.deprecated ? '(deprecated) ' : '';
  return [id, manifest.version, `${mark}${oneLine(manifest.description)}`];
}

function documentOf({ id, manifest }: SkillEntry) {
  const { name, description, version, tags, deprecated } = manifest;
  return { id, name, description, version, tags, deprecated };
}
