import { Command, Option } from 'clipanion';
import { listVersions } from '../../../client/composition-versions.ts';
import { stepTexts } from '../../../core/composition.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { compositionPorts } from '../../compositions.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';
import { renderTable } from '../../table.ts';

export class VersionsListCommand extends IdentifiedCommand {
  static override paths = [['versions', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the versions of a composition',
    details: 'Lowest first. "current" is the one whose content the composition has now.',
    examples: [['All of one', 'skillos versions list travel/plan_trip']],
  });

  skill = Option.String({ name: 'id' });

  async perform() {
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { items, handEdited } = await listVersions(
      compositionPorts(runtime),
      await this.rights(),
      parseSkillId(this.skill),
    );
    const rows = items.map(({ version, state, created_at: at, created_by: by, origin, steps }) => [
      version,
      state,
      at,
      by,
      origin,
      stepTexts(steps).join(' → '),
    ]);
    this.print({
      text: renderTable(['VERSION', 'STATE', 'CREATED', 'BY', 'ORIGIN', 'STEPS'], rows),
      json: { schema: 'skillos.versions/v1', items },
    });
    if (handEdited) {
      this.note(
        'warning: edited by hand since its last version, and not active; the next version keeps it too',
      );
    }
    return EXIT.ok;
  }
}
