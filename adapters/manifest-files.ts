/** The files of a skills root that describe skills: which there are, whether they changed, and their bytes. */
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
import { COMPOSITION_FOLDER } from '../core/composition.ts';
import { SkillosError } from '../core/errors.ts';
import { isErrno } from './files.ts';
import { MAX_YAML_BYTES } from './yaml.ts';
import type { Refusal } from './yaml.ts';

export const MANIFEST_FOLDER = 'metadata';
const MANIFEST_NAME = /\.ya?ml$/;
const COMPOSITION_NAME = /\.json$/;

export interface ManifestFile {
  /** Path below the root, with forward slashes. */
  readonly file: string;
  /** Differs whenever the content may; empty where the file is refused unread. */
  readonly stamp: string;
  /** Unix milliseconds of the last change. */
  readonly changedMs: number;
  readonly refusal?: Refusal;
}

/** The real path of the root. Throws `root_not_found` with the root as it was typed. */
export function openRoot(root: string): string {
  const real = realPathOf(root);
  if (real !== undefined && isFolder(real)) return real;
  throw new SkillosError(
    'root_not_found',
    `Skills root ${JSON.stringify(root)} not found: expected a folder`,
  );
}

/** All manifests and compositions below `base` (a real path), each kind in order of its paths. */
export function listDefinitions(base: string): readonly ManifestFile[] {
  return [
    ...listFiles(base, MANIFEST_FOLDER, MANIFEST_NAME),
    ...listFiles(base, COMPOSITION_FOLDER, COMPOSITION_NAME),
  ];
}

/** Hidden files and folders are none. */
function listFiles(base: string, top: string, wanted: RegExp): readonly ManifestFile[] {
  const found: ManifestFile[] = [];
  const folders = isRealFolder(base, top) ? [top] : [];
  if (folders.length === 0 && exists(join(base, top))) {
    found.push(unread(top, NO_FOLDER));
  }
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
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
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** The file of this path; none where there is none, or a folder on the way is a symbolic link. */
export function findDefinition(base: string, file: string): readonly ManifestFile[] {
  const folder = file.slice(0, file.lastIndexOf('/'));
  return isRealFolder(base, folder) && exists(join(base, file)) ? [inspect(base, file, true)] : [];
}

/** The bytes of a regular file of at most `MAX_YAML_BYTES`; nothing is read of others. */
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
  const path = `${base}/${file}`; // `join` takes as long as the look at the file
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

/** A file that grows meanwhile shows itself by one byte too many. */
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

/** `undefined` for what is not there or leads nowhere. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

function exists(path: string): boolean {
  return statOf(path) !== undefined;
}

/** `undefined` for what is not there, leads nowhere or may not be looked at. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
