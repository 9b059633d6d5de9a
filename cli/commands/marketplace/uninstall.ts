import { Command, Option } from 'clipanion';
import { uninstallPackage } from '../../../client/marketplace/uninstall.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { marketplacePorts } from '../../running/marketplace-ports.ts';
import { openCheckoutToWrite } from '../../runtime.ts';

export class MarketplaceUninstallCommand extends SkillosCommand {
  static override paths = [['marketplace', 'uninstall']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Remove a package',
    details: 'Refuses while another package depends on it.',
    examples: [['With what only it needs', 'skillos marketplace uninstall community/hello --prune']],
  });

  identity = identityOptions();
  package = Option.String({ name: 'id' });
  prune = Option.Boolean('--prune', false, {
    description: 'Remove also the packages that nobody asked for and nothing else needs',
  });

  async perform() {
    const id = parseSkillId(this.package);
    const ports = marketplacePorts(this, openCheckoutToWrite);
    const removed = await uninstallPackage(ports, await actorOf(this), { id, prune: this.prune });
    this.print({
      text: removed.map((gone) => `removed: ${gone}`),
      json: { schema: 'skillos.removal/v1', items: removed.map((gone) => ({ id: gone })) },
    });
    return EXIT.ok;
  }
}
