/** The policy files of a root, read anew whenever they are asked for, so that an edit counts from the next run on. */
import { lstat, open, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';
import {
  MAX_PERMISSION_FILE_BYTES,
  PERMISSION_FILE,
  invalidPermissionFile,
  parsePermissionFile,
} from '../core/permission-file.ts';
import type { PermissionFile } from '../core/permission-file.ts';
import type { Policies } from '../core/ports.ts';
import { closing, isErrno } from './files.ts';

const UNREADABLE = invalidPermissionFile('cannot be read');

export function openPolicies(root: string): Policies {
  const file = path.join(root, PERMISSION_FILE);
  let last: { readonly text: string; readonly parsed: PermissionFile } | undefined;
  return {
    async permissions() {
      const text = await readPolicyFile(file);
      if (typeof text !== 'string') return text;
      if (last?.text !== text) last = { text, parsed: parsePermissionFile(text) };
      return last.parsed;
    },
  };
}

/** Its text, or what stands for a file without one. */
async function readPolicyFile(file: string): Promise<string | PermissionFile> {
  try {
    // What is no regular file is not waited for.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    return await closing(handle, async () => {
      const found = await handle.stat();
      if (!found.isFile()) return invalidPermissionFile('is no regular file');
      if (found.size > MAX_PERMISSION_FILE_BYTES) return invalidPermissionFile('is larger than 1 MiB');
      return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile());
    });
  } catch (error) {
    if (isErrno(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) return invalidPermissionFile('is not UTF-8');
    return isErrno(error, 'ENOENT') && (await isAbsent(file)) ? { status: 'absent' } : UNREADABLE;
  }
}

/** A link that leads nowhere is not the same as no file. */
async function isAbsent(file: string): Promise<boolean> {
  const folder = path.dirname(file);
  if (await isThere(() => lstat(file))) return false;
  return (await isThere(() => stat(folder))) || !(await isThere(() => lstat(folder)));
}

async function isThere(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look();
    return true;
  } catch (error) {
    return !isErrno(error, 'ENOENT');
  }
}
