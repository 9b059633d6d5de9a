import { Command, Option } from 'clipanion';
import { showVersion } from '../../../client/composition-versions.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { compositionDocument, compositionPorts, stepLines } from '../../compositions.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

export class VersionsShowCommand extends IdentifiedCommand {
  static override paths = [['versions', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show the steps of a composition as they are, or as they were in a version',
    examples: [
      ['As it is', 'skillos versions show travel/plan_trip'],
      ['As it was', 'skillos versions show travel/plan_trip 0.1.0'],
    ],
  });

  skill = Option.String({ name: 'id' });
  version = Option.String({ name: 'version', required: false });

  async perform() {
    const id = parseSkillId(this.skill);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { shown, active } = await showVersion(compositionPorts(runtime), await this.rights(), {
      id,
      version: this.version,
    });
    this.print({
      text: [`${id} ${shown.version}${active ? ' active' : ''}`, ...stepLines(shown.steps)],
      json: compositionDocument(shown, active),
    });
    return EXIT.ok;
  }
}
