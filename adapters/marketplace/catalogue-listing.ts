/** Keeps the listing of a catalogue, because to parse and check 10,000 packages takes more than a second. */
import path from 'node:path';
import type { Listing } from '../../core/marketplace/listing.ts';
import { MAX_CATALOGUE_BYTES } from '../../core/marketplace/package-paths.ts';
import { sha256 } from '../../core/values/digest.ts';
import type { DownloadOptions } from './catalogue-download.ts';
import { catalogueText, isAddress } from './catalogue-text.ts';
import { keepText, readKept } from './kept-text.ts';

/** Increase it with each change of `Listing`. */
const LISTING_VERSION = 1;

export interface ListingOptions extends DownloadOptions {
  /** The version of SkillOS, because another one may refuse other packages. */
  readonly release: string;
}

/**
 * The listing of exactly the present text of the catalogue, of which one is kept for each source. Rejects as `openCatalogue`
 * does.
 */
export async function openListing(source: string, options: ListingOptions): Promise<Listing> {
  const text = await catalogueText(source, options);
  const file = keptFile(source, options);
  const origin = `${LISTING_VERSION} ${options.release} ${sha256(text)}`;
  const kept = file === undefined ? undefined : readKept(file, MAX_CATALOGUE_BYTES);
  if (kept?.origin === origin) return JSON.parse(kept.text) as Listing; // written below
  const [{ parseCatalogue }, { listingOf }] = await Promise.all([
    import('./catalogue-source.ts'),
    import('../../core/marketplace/catalogue.ts'),
  ]);
  const listing = listingOf(parseCatalogue(source, text));
  if (file !== undefined) await keepText(file, { origin, text: JSON.stringify(listing) });
  return listing;
}

/** Undefined without a folder. */
function keptFile(source: string, { cacheDir }: ListingOptions): string | undefined {
  const name = sha256(isAddress(source) ? source : path.resolve(source));
  try {
    return path.join(cacheDir(), 'listings', name);
  } catch {
    return undefined; // the user has no home
  }
}
