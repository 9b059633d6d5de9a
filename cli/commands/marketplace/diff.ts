import { Command, Option } from 'clipanion';
import { SkillosError } from '../../../core/errors/errors.ts';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { findPackage } from '../../../core/marketplace/install-plan.ts';
import { packageDiff } from '../../../core/marketplace/package-diff.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { SkillosCommand } from '../../command.ts';
import { catalogueOption, readCatalogueOf } from '../../running/marketplace-catalogue.ts';
import { marketplacePorts } from '../../running/marketplace-ports.ts';

export class MarketplaceDiffCommand extends SkillosCommand {
  static override paths = [['marketplace', 'diff']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'Show what an update of a package would change',
    details:
      'Compares code, manifest and capabilities of the installed version with the newest one of the catalogue.',
    examples: [['A package', 'skillos marketplace diff community/hello --catalog catalog.json']],
  });

  package = Option.String({ name: 'id' });
  catalog = catalogueOption();

  async perform() {
    const id = parseSkillId(this.package);
    const { packages } = marketplacePorts(this);
    const entry = packages.lock().get(id);
    if (entry === undefined)
      throw new SkillosError('package_not_installed', `Package "${id}" is not installed`);
    const from = packages.packageOf(id, entry);
    const to = findPackage(await readCatalogueOf(this), id);
    const lines = packageDiff(from, to);
    this.print({
      text: lines.length === 0 ? 'no_differences' : lines,
      json: { schema: 'skillos.package_diff/v1', id, from: entry.version, to: to.version, lines },
    });
    return EXIT.ok;
  }
}
