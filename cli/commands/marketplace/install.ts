import { Command, Option } from 'clipanion';
import { installPackages } from '../../../client/marketplace/install.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { parseRequirement } from '../../../core/marketplace/package.ts';
import { SkillosCommand } from '../../command.ts';
import { actorOf, identityOptions } from '../../input/identity.ts';
import { catalogueOption, readCatalogueOf } from '../../running/marketplace-catalogue.ts';
import { acceptOptions, acceptanceOf, marketplacePorts } from '../../running/marketplace-ports.ts';
import { openCheckoutToWrite } from '../../runtime.ts';

export class MarketplaceInstallCommand extends SkillosCommand {
  static override paths = [['marketplace', 'install']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Install a package and what it depends on',
    details:
      'Verifies every signature, shows what will be written and which capabilities are asked for, and asks. Without a ' +
      'terminal --yes is required. Runs no code of a package and overwrites no local skill.',
    examples: [
      ['The newest version', 'skillos marketplace install community/hello --catalog catalog.json --yes'],
      ['A version that fits a range', 'skillos marketplace install community/hello@^1.0.0 --yes'],
    ],
  });

  identity = identityOptions();
  package = Option.String({ name: 'id[@range]' });
  catalog = catalogueOption();
  accepting = acceptOptions();

  async perform() {
    const goal = parseRequirement(this.package);
    const ports = marketplacePorts(this, openCheckoutToWrite);
    const actor = await actorOf(this);
    const catalogue = await readCatalogueOf(this);
    const { status, steps } = await installPackages(ports, actor, {
      catalogue,
      goals: [goal],
      update: false,
      accept: acceptanceOf(this),
    });
    const items = steps.map(({ package: { id, version } }) => ({ id, version }));
    const done =
      items.length === 0 ? `already_installed: ${goal.id}` : items.map(({ id }) => `installed: ${id}`);
    this.print({
      text: status === 'declined' ? `not_installed: ${goal.id}` : done,
      json: { schema: 'skillos.installation/v1', status, items },
    });
    return status === 'declined' ? EXIT.failed : EXIT.ok;
  }
}
