/** The files that a build reads. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['core', 'adapters', 'activities', 'workflows', 'client', 'server', 'cli', 'temporal-dev'];
const FILES = ['build.mjs', 'build-check.mjs', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** Where a build keeps the state of the sources that it read. */
export const SOURCES_FILE = join(top, 'dist', 'sources.txt');

/**
 * Returns a line for each file with its size and its time of change in milliseconds. Two states that differ in any
 * file, removed and older files included, have different texts.
 */
export function stateOfSources() {
  return [...FILES, ...FOLDERS.flatMap(filesBelow)].sort().map(lineOf).join('\n');
}

function filesBelow(folder) {
  if (!existsSync(join(top, folder))) return [];
  const entries = readdirSync(join(top, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(top.length));
}

function lineOf(path) {
  const { size, mtimeMs } = statSync(join(top, path), { throwIfNoEntry: false }) ?? { size: 0, mtimeMs: 0 };
  return `${path} ${size} ${mtimeMs}`;
}
