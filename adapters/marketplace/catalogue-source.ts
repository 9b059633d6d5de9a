/** Reads a catalogue: a JSON file, a folder that holds `catalog.json`, or an https address. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { readCatalogue } from '../../core/marketplace/catalogue.ts';
import type { Catalogue } from '../../core/marketplace/catalogue.ts';
import { parseStrictJson } from '../../core/values/strict-json.ts';
import { readTextFile } from '../files/text-file.ts';
import { MAX_CATALOGUE_BYTES, downloadCatalogue } from './catalogue-download.ts';
import type { DownloadOptions } from './catalogue-download.ts';

const FILE_NAME = 'catalog.json';
const MAX_PACKAGES = 20_000;

/**
 * Rejects as `downloadCatalogue` does, or with `input_unreadable` or `catalog_invalid`; a single package that is not valid
 * breaks no other.
 */
export async function openCatalogue(source: string, options: DownloadOptions): Promise<Catalogue> {
  const entries = isAddress(source)
    ? entriesOf(await downloadCatalogue(source, options), source)
    : readEntries(source);
  return readCatalogue(source, entries);
}

/** Names such as `C:/catalog.json` are files. */
export function isAddress(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

/** The packages as they stand in the file, unchecked. Throws `input_unreadable` or `catalog_invalid`. */
export function readEntries(source: string): readonly JsonValue[] {
  return entriesOf(readFile(source), source);
}

/** The file of a catalogue that is named by its file or its folder. */
export function catalogueFile(source: string): string {
  return isFolder(source) ? path.join(source, FILE_NAME) : source;
}

function isFolder(source: string): boolean {
  try {
    return statSync(source).isDirectory();
  } catch {
    return false; // reading the file names the problem
  }
}

function readFile(source: string): string {
  const text = readTextFile(catalogueFile(source), MAX_CATALOGUE_BYTES);
  if (typeof text === 'string') return text;
  const problem =
    text.problem ??
    `does not exist${isFolder(source) ? `: expected a file ${FILE_NAME} in this folder` : ''}`;
  throw new SkillosError('input_unreadable', `Catalogue ${JSON.stringify(source)} ${problem}`, {
    hint: 'Name another with --catalog or SKILLOS_MARKETPLACE_CATALOG: a JSON file, a folder or an https address',
  });
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
