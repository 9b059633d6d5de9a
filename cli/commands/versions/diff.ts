import { Command, Option } from 'clipanion';
import { diffVersions } from '../../../client/compositions/composition-versions.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { compositionPorts } from '../../compositions.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openCheckout } from '../../runtime.ts';

const MARKS = { same: ' ', removed: '-', added: '+' } as const;

export class VersionsDiffCommand extends SkillosCommand {
  static override paths = [['versions', 'diff']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Compare the steps of two versions of a composition',
    details:
      'The second version defaults to the present content, the first to the version before the second.',
    examples: [
      ['The last change', 'skillos versions diff travel/plan_trip'],
      ['Between two versions', 'skillos versions diff travel/plan_trip 0.1.0 0.1.2'],
    ],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });
  from = Option.String({ name: 'from', required: false });
  to = Option.String({ name: 'to', required: false });

  async perform() {
    const id = parseSkillId(this.skill);
    const runtime = openCheckout(this);
    const { from, to, changes } = await diffVersions(compositionPorts(runtime), await rightsOf(this), {
      id,
      from: this.from,
      to: this.to,
    });
    this.print({
      text: [
        `--- ${id} ${from}`,
        `+++ ${id} ${to}`,
        ...changes.map(({ change, step }) => `${MARKS[change]} ${step}`),
      ],
      json: {
        schema: 'skillos.version-diff/v1',
        skill: id,
        from,
        to,
        changes: changes.map(({ change, step }) => ({ change, step })),
      },
    });
    return EXIT.ok;
  }
}
