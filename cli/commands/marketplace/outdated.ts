import { Command } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { outdated } from '../../../core/marketplace/install-plan.ts';
import { SkillosCommand } from '../../command.ts';
import { catalogueOption, readCatalogueOf } from '../../running/marketplace-catalogue.ts';
import { marketplacePorts } from '../../running/marketplace-ports.ts';
import { renderTable } from '../../views/table.ts';

export class MarketplaceOutdatedCommand extends SkillosCommand {
  static override paths = [['marketplace', 'outdated']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the installed packages with a later version in the catalogue',
    details: 'Exits with 1 if there is one.',
    examples: [['Compare with a catalogue', 'skillos marketplace outdated --catalog catalog.json']],
  });

  catalog = catalogueOption();

  async perform() {
    const lock = marketplacePorts(this).packages.lock();
    const items = outdated(await readCatalogueOf(this), lock);
    const rows = items.map(({ id, version, latest }) => [id, version, latest]);
    this.print({
      text: items.length === 0 ? 'up_to_date' : renderTable(['PACKAGE', 'VERSION', 'LATEST'], rows),
      json: { schema: 'skillos.outdated/v1', items },
    });
    return items.length === 0 ? EXIT.ok : EXIT.failed;
  }
}
