import { Command, Option } from 'clipanion';
import { EXIT } from '../../../core/errors/exit-codes.ts';
import { browse } from '../../../core/marketplace/listing.ts';
import { SkillosCommand } from '../../command.ts';
import { catalogueOption, readListingOf } from '../../running/marketplace-catalogue.ts';
import { plain } from '../../views/plain-text.ts';

export class MarketplaceBrowseCommand extends SkillosCommand {
  static override paths = [['marketplace', 'browse']];
  static override usage = Command.Usage({
    category: 'Author',
    description: 'List the packages of a catalogue',
    details: 'Shows the newest version of each. A package that is not valid is named on stderr.',
    examples: [
      ['With a tag', 'skillos marketplace browse --catalog catalog.json --tag greeting'],
      ['With a text', 'skillos marketplace browse --query weather'],
    ],
  });

  catalog = catalogueOption();
  query = Option.String('--query', {
    description: 'Part of the id, name, description or a tag, in any case',
  });
  tag = Option.String('--tag', { description: 'Only packages with exactly this tag' });

  async perform() {
    const items = browse(await readListingOf(this), { query: this.query, tag: this.tag });
    this.print({
      text:
        items.length === 0
          ? 'no_packages_found'
          : items.map(({ id, version, name }) => plain(`${id} ${version} ${name}`)),
      json: { schema: 'skillos.packages/v1', items },
    });
    return EXIT.ok;
  }
}
