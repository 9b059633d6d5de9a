/** The policy files of a root, read anew whenever they are asked for, so that an edit counts from the next run on. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  MAX_PERMISSION_FILE_BYTES,
  PERMISSION_FILE,
  invalidPermissionFile,
  parsePermissionFile,
} from '../core/permission-file.ts';
import type { PermissionFile } from '../core/permission-file.ts';
import type { Policies } from '../core/ports.ts';
import { isErrno } from './files.ts';

const UNREADABLE = invalidPermissionFile('cannot be read');

export function openPolicies(root: string): Policies {
  const file = path.join(root, PERMISSION_FILE);
  let last: { readonly text: string; readonly parsed: PermissionFile } | undefined;
  return {
    async permissions() {
      const text = readPolicyFile(file);
      if (typeof text !== 'string') return text;
      if (last?.text !== text) last = { text, parsed: parsePermissionFile(text) };
      return last.parsed;
    },
  };
}

/** Its text, or what stands for a file without one. In place: every run reads it, mostly from the page cache. */
function readPolicyFile(file: string): string | PermissionFile {
  let fd: number | undefined;
  try {
    // What is no regular file is not waited for.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(fd);
    if (!found.isFile()) return invalidPermissionFile('is no regular file');
    if (found.size > MAX_PERMISSION_FILE_BYTES) return invalidPermissionFile('is larger than 1 MiB');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd));
  } catch (error) {
    if (isErrno(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) return invalidPermissionFile('is not UTF-8');
    return isErrno(error, 'ENOENT') && isAbsent(file) ? { status: 'absent' } : UNREADABLE;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A link that leads nowhere is not the same as no file. */
function isAbsent(file: string): boolean {
  const folder = path.dirname(file);
  if (isThere(() => lstatSync(file))) return false;
  return isThere(() => statSync(folder)) || !isThere(() => lstatSync(folder));
}

function isThere(look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch (error) {
    return !isErrno(error, 'ENOENT');
  }
}
