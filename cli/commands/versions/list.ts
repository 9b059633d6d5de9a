import { Command, Option } from 'clipanion';
import { listVersions } from '../../../client/compositions/composition-versions.ts';
import { SIGNS } from '../../../core/plans/plan-title.ts';
import { stepTexts } from '../../../core/skills/composition.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { compositionPorts } from '../../compositions.ts';
import { SkillosCommand } from '../../command.ts';
import { identityOptions, rightsOf } from '../../input/identity.ts';
import { openCheckout } from '../../runtime.ts';
import { renderTable } from '../../views/table.ts';

export class VersionsListCommand extends SkillosCommand {
  static override paths = [['versions', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the versions of a composition',
    details: 'Lowest first. "current" marks the version that equals the present content.',
    examples: [['One composition', 'skillos versions list travel/plan_trip']],
  });

  identity = identityOptions();
  skill = Option.String({ name: 'id' });

  async perform() {
    const runtime = openCheckout(this);
    const { items, handEdited } = await listVersions(
      compositionPorts(runtime),
      await rightsOf(this),
      parseSkillId(this.skill),
    );
    const rows = items.map(({ version, state, created_at: at, created_by: by, origin, steps }) => [
      version,
      state,
      at,
      by,
      origin,
      stepTexts(steps).join(SIGNS.sequence),
    ]);
    this.print({
      text: renderTable(['VERSION', 'STATE', 'CREATED', 'BY', 'ORIGIN', 'STEPS'], rows),
      json: { schema: 'skillos.versions/v1', items },
    });
    if (handEdited) {
      this.note(
        'warning: edited by hand since its last version, and not active; the next change stores the edit as a version first',
      );
    }
    return EXIT.ok;
  }
}
