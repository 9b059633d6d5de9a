import { Command, Option } from 'clipanion';
import { rollbackComposition } from '../../../client/compositions.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { compositionDocument, compositionPorts } from '../../compositions.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

export class VersionsRollbackCommand extends IdentifiedCommand {
  static override paths = [['versions', 'rollback']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Give a composition the steps of an earlier version',
    details:
      'Makes a new version, which runs once it was tested and activated. Without a version it takes the latest other steps.',
    examples: [
      ['Back to what was before', 'skillos versions rollback travel/plan_trip'],
      ['Back to a version', 'skillos versions rollback travel/plan_trip 0.1.0'],
    ],
  });

  skill = Option.String({ name: 'id' });
  version = Option.String({ name: 'version', required: false });

  async perform() {
    const id = parseSkillId(this.skill);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const made = await rollbackComposition(compositionPorts(runtime), await this.actor(), {
      id,
      version: this.version,
    });
    this.print({
      text: `composition_rolled_back: ${id} version=${made.version}`,
      json: compositionDocument(made, false),
    });
    this.note(`It does not run yet. Next: skillos test ${id} --root ${this.config.root}`);
    return EXIT.ok;
  }
}
