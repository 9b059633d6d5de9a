/** Reads the text of a catalogue: a JSON file, a folder that holds `catalog.json`, or an https address. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { SkillosError } from '../../core/errors/errors.ts';
import { MAX_CATALOGUE_BYTES } from '../../core/marketplace/package-paths.ts';
import { readTextFile } from '../files/text-file.ts';
import type { DownloadOptions } from './catalogue-download.ts';

const FILE_NAME = 'catalog.json';

/** Rejects as `downloadCatalogue` does, or with `input_unreadable`. */
export async function catalogueText(source: string, options: DownloadOptions): Promise<string> {
  if (!isAddress(source)) return catalogueFileText(source);
  const { downloadCatalogue } = await import('./catalogue-download.ts'); // loads an HTTP client
  return downloadCatalogue(source, options);
}

/** Names such as `C:/catalog.json` are files. */
export function isAddress(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

/** The file of a catalogue that is named by its file or its folder. */
export function catalogueFile(source: string): string {
  return isFolder(source) ? path.join(source, FILE_NAME) : source;
}

/** False for a file that is there but cannot be read. */
export function isCatalogueMissing(source: string): boolean {
  const text = readTextFile(catalogueFile(source), MAX_CATALOGUE_BYTES);
  return typeof text !== 'string' && text.problem === undefined;
}

/** Throws `input_unreadable`. */
export function catalogueFileText(source: string): string {
  const text = readTextFile(catalogueFile(source), MAX_CATALOGUE_BYTES);
  if (typeof text === 'string') return text;
  const problem =
    text.problem ??
    `does not exist${isFolder(source) ? `: expected a file ${FILE_NAME} in this folder` : ''}`;
  throw new SkillosError('input_unreadable', `Catalogue ${JSON.stringify(source)} ${problem}`, {
    hint: 'Name another with --catalog or SKILLOS_MARKETPLACE_CATALOG: a JSON file, a folder or an https address',
  });
}

function isFolder(source: string): boolean {
  try {
    return statSync(source).isDirectory();
  } catch {
    return false; // reading the file names the problem
  }
}
