import { Command, Option } from 'clipanion';
import { diffVersions } from '../../../client/composition-versions.ts';
import { EXIT } from '../../../core/exit-codes.ts';
import { parseSkillId } from '../../../core/skill-id.ts';
import { compositionPorts } from '../../compositions.ts';
import { IdentifiedCommand } from '../../identified-command.ts';
import { openRuntime } from '../../runtime.ts';

const MARKS = { same: ' ', removed: '-', added: '+' } as const;

export class VersionsDiffCommand extends IdentifiedCommand {
  static override paths = [['versions', 'diff']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show how the steps of a composition changed from one version to another',
    details:
      'To what it is now unless the second version is named, from the version before unless the first is.',
    examples: [
      ['What the last change was', 'skillos versions diff travel/plan_trip'],
      ['From one to another', 'skillos versions diff travel/plan_trip 0.1.0 0.1.2'],
    ],
  });

  skill = Option.String({ name: 'id' });
  from = Option.String({ name: 'from', required: false });
  to = Option.String({ name: 'to', required: false });

  async perform() {
    const id = parseSkillId(this.skill);
    const runtime = openRuntime(this.config, this.context, (line) => this.note(line));
    const { from, to, changes } = await diffVersions(compositionPorts(runtime), await this.rights(), {
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
