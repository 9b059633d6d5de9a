/** The catalogue that a command names. What only some commands need is loaded when they need it. */
import { Option } from 'clipanion';
import { cacheFolder } from '../../adapters/machine/local-folders.ts';
import { openListing } from '../../adapters/marketplace/catalogue-listing.ts';
import type { Catalogue } from '../../core/marketplace/catalogue.ts';
import type { Listing } from '../../core/marketplace/listing.ts';
import type { SkillosCommand } from '../command.ts';
import { VERSION } from '../version.ts';
import { plain } from '../views/plain-text.ts';

type CatalogueCommand = SkillosCommand & { readonly catalog: string | undefined };

export const catalogueOption = () =>
  Option.String('--catalog', {
    description:
      'The catalogue: a JSON file, a folder or an https address (default: SKILLOS_MARKETPLACE_CATALOG)',
  });

/** Says on stderr which packages of the catalogue are not valid. */
export async function readCatalogueOf(command: CatalogueCommand): Promise<Catalogue> {
  const { openCatalogue } = await import('../../adapters/marketplace/catalogue-source.ts');
  return noted(command, await openCatalogue(...sourceOf(command)));
}

/** Likewise. */
export async function readListingOf(command: CatalogueCommand): Promise<Listing> {
  return noted(command, await openListing(...sourceOf(command)));
}

function sourceOf({ catalog, config, context }: CatalogueCommand) {
  const cacheDir = () => cacheFolder(config, context.env);
  return [catalog ?? config.marketplaceCatalog, { cacheDir, release: VERSION }] as const;
}

function noted<T extends Pick<Listing, 'refused'>>(command: CatalogueCommand, found: T): T {
  for (const { name, problem } of found.refused)
    command.note(`package_invalid: ${plain(name)}: ${plain(problem)}`);
  return found;
}
