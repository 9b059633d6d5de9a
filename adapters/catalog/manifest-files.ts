/** Lists and reads the files of a skills root that describe skills. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { CONNECTOR_FOLDER } from '../../core/connectors/connector-file.ts';
import { COMPOSITION_FOLDER } from '../../core/skills/composition.ts';
import { isErrno } from '../files/files.ts';
import { isFolder, realPathOf, statOf } from './skills-root.ts';
import { MAX_YAML_BYTES } from './yaml.ts';
import type { Refusal } from './yaml.ts';

export const MANIFEST_FOLDER = 'metadata';
const MANIFEST_NAME = /\.ya?ml$/i;
const COMPOSITION_NAME = /\.json$/;
const CONNECTOR_NAME = /\.(ya?ml|json)$/i;

export interface ManifestFile {
  /** Path below the root, with forward slashes. */
  readonly file: string;
  /** Changes whenever the content may have; empty if the file is refused without reading. */
  readonly stamp: string;
  /** Unix milliseconds of the last change. */
  readonly changedMs: number;
  readonly refusal?: Refusal;
}

/** Returns all manifests and compositions below `base` (a real path), sorted by path within each kind. */
export function listDefinitions(base: string): readonly ManifestFile[] {
  return [
    ...listFiles(base, MANIFEST_FOLDER, MANIFEST_NAME).files,
    ...listFiles(base, COMPOSITION_FOLDER, COMPOSITION_NAME).files,
  ];
}

interface Listing {
  /** Sorted by path. */
  readonly files: readonly ManifestFile[];
  /** Paths below the root of the folders that were read. */
  readonly visited: readonly string[];
}

/** Returns all definitions of connectors below `base`. */
export function listConnectorFiles(base: string): Listing {
  return listFiles(base, CONNECTOR_FOLDER, CONNECTOR_NAME);
}

/** Skips hidden files and folders. */
function listFiles(base: string, top: string, wanted: RegExp): Listing {
  const found: ManifestFile[] = [];
  const visited: string[] = [];
  const folders = isRealFolder(base, top) ? [top] : [];
  if (folders.length === 0 && exists(join(base, top))) {
    found.push(unread(top, NO_FOLDER));
  }
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    visited.push(folder);
    const listed = readFolder(base, folder);
    if (listed === undefined) {
      found.push(unread(folder, UNREADABLE));
      continue;
    }
    for (const entry of listed) {
      const file = `${folder}/${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) folders.push(file);
      else if (wanted.test(entry.name)) found.push(inspect(base, file, entry.isSymbolicLink()));
      else if (entry.isSymbolicLink() && isFolder(join(base, file))) {
        found.push(unread(file, LINKED_FOLDER));
      }
    }
  }
  return { files: found.sort((a, b) => (a.file < b.file ? -1 : 1)), visited };
}

/** Returns the file of this path; empty if it does not exist or a folder on the way is a symbolic link. */
export function findDefinition(base: string, file: string): readonly ManifestFile[] {
  const folder = file.slice(0, file.lastIndexOf('/'));
  return isRealFolder(base, folder) && exists(join(base, file)) ? [inspect(base, file, true)] : [];
}

/** Returns the bytes of a regular file of at most `MAX_YAML_BYTES`, or the reason for refusing it unread. */
export function readManifestFile(base: string, file: string): Uint8Array | Refusal {
  let descriptor: number;
  try {
    descriptor = openSync(realpathSync(join(base, file)), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return UNREADABLE;
  }
  try {
    const stat = fstatSync(descriptor);
    return refusalOf(stat) ?? readAll(descriptor, stat.size);
  } catch {
    return UNREADABLE;
  } finally {
    closeSync(descriptor);
  }
}

const NO_FOLDER: Refusal = {
  rule: 'not_a_folder',
  message: 'expected a folder, not a file or a symbolic link',
};
const LINKED_FOLDER: Refusal = {
  rule: 'symlinked_folder',
  message: 'symbolic links to folders are not followed; move the folder here',
};
const UNREADABLE: Refusal = { rule: 'file_unreadable', message: 'cannot be read; check its permissions' };
const OUTSIDE: Refusal = {
  rule: 'path_outside_root',
  message: 'a symbolic link leads out of the skills root',
};
const IRREGULAR: Refusal = { rule: 'not_a_regular_file', message: 'expected a regular file' };
const TOO_LARGE: Refusal = {
  rule: 'yaml_too_large',
  message: `expected at most ${MAX_YAML_BYTES / 1024} KiB`,
};

function inspect(base: string, file: string, mayBeLink: boolean): ManifestFile {
  const path = `${base}/${file}`; // not `join`, which takes as long as the stat
  try {
    if (mayBeLink && !realpathSync(path).startsWith(base + sep)) return unread(file, OUTSIDE);
    const stat = statSync(path);
    const stamp = `${stat.ino}:${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}`;
    const refusal = refusalOf(stat);
    return { file, stamp, changedMs: stat.ctimeMs, ...(refusal === undefined ? {} : { refusal }) };
  } catch {
    return unread(file, UNREADABLE);
  }
}

function unread(file: string, refusal: Refusal): ManifestFile {
  return { file, stamp: '', changedMs: 0, refusal };
}

function refusalOf(stat: Stats): Refusal | undefined {
  if (!stat.isFile()) return IRREGULAR;
  return stat.size > MAX_YAML_BYTES ? TOO_LARGE : undefined;
}

/** Reads one byte more than expected, to detect a file that grows meanwhile. */
function readAll(descriptor: number, size: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (let read = 1; read > 0 && length < buffer.length; length += read) {
    read = readSync(descriptor, buffer, length, buffer.length - length, null);
  }
  return buffer.subarray(0, length);
}

function readFolder(base: string, folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(join(base, folder), { withFileTypes: true });
  } catch (error) {
    return isErrno(error, 'ENOENT') ? [] : undefined;
  }
}

function isRealFolder(base: string, folder: string): boolean {
  const path = join(base, folder);
  return realPathOf(path) === path && isFolder(path);
}

function exists(path: string): boolean {
  return statOf(path) !== undefined;
}
