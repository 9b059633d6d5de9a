import { Command, Option } from 'clipanion';
import { rollbackComposition } from '../../../client/compositions/compositions.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { compositionDocument, compositionPorts } from '../../compositions.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { openCheckoutToWrite } from '../../runtime.ts';

export class VersionsRollbackCommand extends SkillosCommand {
  static override paths = [['versions', 'rollback']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Return a composition to the steps of an earlier version',
    details:
      'Creates a new version, which must be tested and activated. The default is the latest version with other steps.',
    examples: [
      ['To the latest other steps', 'skillos versions rollback travel/plan_trip'],
      ['To a version', 'skillos versions rollback travel/plan_trip 0.1.0'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  version = Option.String({ name: 'version', required: false });

  async perform() {
    const id = parseSkillId(this.skill);
    const runtime = openCheckoutToWrite(this);
    const made = await rollbackComposition(compositionPorts(runtime), await actorOf(this), {
      id,
      version: this.version,
    });
    this.print({
      text: `composition_rolled_back: ${id} version=${made.version}`,
      json: compositionDocument(made, false),
    });
    this.note(`It is not active yet. Next: skillos test ${id} --root ${this.config.root}`);
    return EXIT.ok;
  }
}
