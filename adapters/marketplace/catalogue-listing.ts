/** Keeps the listing of a catalogue, because to read and check 10,000 packages takes more than a second. */
import path from 'node:path';
import type { Listing } from '../../core/marketplace/listing.ts';
import { MAX_CATALOGUE_BYTES } from '../../core/marketplace/package-paths.ts';
import { sha256 } from '../../core/values/digest.ts';
import { stampOf } from '../files/text-file.ts';
import type { DownloadOptions } from './catalogue-download.ts';
import { catalogueFile, catalogueText, isAddress } from './catalogue-text.ts';
import { keepText, readKept } from './kept-text.ts';

/** Increase it with each change of `Listing`. */
const LISTING_VERSION = 1;

export interface ListingOptions extends DownloadOptions {
  /** The version of SkillOS, because another one may refuse other packages. */
  readonly release: string;
}

/**
 * The listing of the present content of the catalogue, of which one is kept for each source. A file that did not change is not
 * read again. Rejects as `openCatalogue` does.
 */
export async function openListing(source: string, options: ListingOptions): Promise<Listing> {
  const downloaded = isAddress(source) ? await catalogueText(source, options) : undefined;
  const identity = downloaded === undefined ? stampOf(catalogueFile(source)) : sha256(downloaded);
  const file = keptFile(source, options);
  const origin = `${LISTING_VERSION} ${options.release} ${identity}`;
  const kept = file && identity && readKept(file, MAX_CATALOGUE_BYTES);
  if (kept && kept.origin === origin) return JSON.parse(kept.text) as Listing; // written below
  const text = downloaded ?? (await catalogueText(source, options));
  const listing = await listingOfText(source, text);
  const isStill =
    identity !== undefined && (downloaded !== undefined || identity === stampOf(catalogueFile(source)));
  if (file !== undefined && isStill) await keepText(file, { origin, text: JSON.stringify(listing) });
  return listing;
}

/** Loads the schemas of packages. */
async function listingOfText(source: string, text: string): Promise<Listing> {
  const [{ parseCatalogue }, { listingOf }] = await Promise.all([
    import('./catalogue-source.ts'),
    import('../../core/marketplace/catalogue.ts'),
  ]);
  return listingOf(parseCatalogue(source, text));
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
