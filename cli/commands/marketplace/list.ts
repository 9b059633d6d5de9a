import { Command } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { capabilityLines } from '../../../core/marketplace/install-plan.ts';
import type { LockEntry } from '../../../core/marketplace/package-lock.ts';
import type { SkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { marketplacePorts } from '../../running/marketplace-ports.ts';
import { plain } from '../../views/plain-text.ts';
import { renderTable } from '../../views/table.ts';

export class MarketplaceListCommand extends SkillosCommand {
  static override paths = [['marketplace', 'list']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the installed packages',
    details: 'Reads skillos.lock.',
    examples: [['The packages of a root', 'skillos marketplace list --root skills']],
  });

  async perform() {
    const items = [...marketplacePorts(this).packages.lock()].map(itemOf);
    const rows = items.map(({ id, version, key_id: key, explicit, capabilities }) =>
      [id, version, key, explicit ? 'yes' : 'no', capabilityLines(capabilities).join(', ')].map(plain),
    );
    this.print({
      text:
        items.length === 0
          ? 'no_packages'
          : renderTable(['PACKAGE', 'VERSION', 'KEY', 'ASKED FOR', 'CAPABILITIES'], rows),
      json: { schema: 'skillos.installed/v1', items },
    });
    return EXIT.ok;
  }
}

function itemOf([id, entry]: readonly [SkillId, LockEntry]) {
  return { id, ...entry };
}
