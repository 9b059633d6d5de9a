import { Command, Option } from 'clipanion';
import { showVersion } from '../../../client/compositions/composition-versions.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { compositionDocument, compositionPorts, stepLines } from '../../compositions.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openCheckout } from '../../runtime.ts';

export class VersionsShowCommand extends SkillosCommand {
  static override paths = [['versions', 'show']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show the steps of a composition, current or in a version',
    examples: [
      ['The present steps', 'skillos versions show travel/plan_trip'],
      ['The steps of a version', 'skillos versions show travel/plan_trip 0.1.0'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  version = Option.String({ name: 'version', required: false });

  async perform() {
    const id = parseSkillId(this.skill);
    const runtime = openCheckout(this);
    const { shown, active } = await showVersion(compositionPorts(runtime), await rightsOf(this), {
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
