/** Reads a catalogue: a JSON file, or a folder that holds `catalog.json`. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { SkillosError, isSkillosError } from '../../core/errors/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { readCatalogue } from '../../core/marketplace/catalogue.ts';
import type { Catalogue } from '../../core/marketplace/catalogue.ts';
import { parseStrictJson } from '../../core/values/strict-json.ts';
import { readTextFile } from '../files/text-file.ts';

const FILE_NAME = 'catalog.json';
const MAX_CATALOGUE_BYTES = 64 * 1024 * 1024;
const MAX_PACKAGES = 20_000;

/** Rejects with `input_unreadable` or `catalog_invalid`; a single package that is not valid breaks no other. */
export async function openCatalogue(source: string): Promise<Catalogue> {
  return readCatalogue(source, readEntries(source));
}

/** The packages as they stand in the file, unchecked. Throws as `openCatalogue` does. */
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
    hint: 'Name another with --catalog or SKILLOS_MARKETPLACE_CATALOG: a JSON file or a folder',
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
