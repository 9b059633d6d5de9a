/** Reads the packages of a catalogue. */
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { readCatalogue } from '../../core/marketplace/catalogue.ts';
import type { Catalogue } from '../../core/marketplace/catalogue.ts';
import { parseStrictJson } from '../../core/values/strict-json.ts';
import type { DownloadOptions } from './catalogue-download.ts';
import { catalogueFileText, catalogueText } from './catalogue-text.ts';

const MAX_PACKAGES = 20_000;

/** Rejects as `catalogueText` and `parseCatalogue` do. */
export async function openCatalogue(source: string, options: DownloadOptions): Promise<Catalogue> {
  return parseCatalogue(source, await catalogueText(source, options));
}

/** Throws `catalog_invalid`; a single package that is not valid breaks no other. */
export function parseCatalogue(source: string, text: string): Catalogue {
  return readCatalogue(source, entriesOf(text, source));
}

/** The packages as they stand in the file, unchecked. Throws `input_unreadable` or `catalog_invalid`. */
export function readEntries(source: string): readonly JsonValue[] {
  return entriesOf(catalogueFileText(source), source);
}

function entriesOf(text: string, source: string): readonly JsonValue[] {
  const value = parse(text, source);
  if (!Array.isArray(value)) throw invalid(source, 'is not a list of packages');
  if (value.length > MAX_PACKAGES) throw invalid(source, `holds more than ${MAX_PACKAGES} packages`);
  return value as readonly JsonValue[]; // Array.isArray does not narrow a readonly array
}

function parse(text: string, source: string): JsonValue {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!isSkillosError(error, 'body_invalid')) throw error;
    throw invalid(source, error.message.replace(/^The body /, ''));
  }
}

function invalid(source: string, why: string): SkillosError {
  return new SkillosError('catalog_invalid', `Catalogue ${JSON.stringify(source)} ${why}`);
}
