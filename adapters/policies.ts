/** The policy files of a root, read anew whenever they are asked for, so that an edit counts from the next run on. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '../core/digest.ts';
import { APPROVAL_FILE, parseApprovalFile } from '../core/approval-file.ts';
import { PERMISSION_FILE, parsePermissionFile } from '../core/permission-file.ts';
import { MAX_POLICY_FILE_BYTES, invalidFile } from '../core/policy-file.ts';
import type { AbsentFile, InvalidFile } from '../core/policy-file.ts';
import type { Policies } from '../core/ports.ts';
import { isErrno } from './files.ts';

export function openPolicies(root: string): Policies {
  return {
    permissions: reader(root, PERMISSION_FILE, parsePermissionFile),
    approvals: reader(root, APPROVAL_FILE, parseApprovalFile),
    version: () => {
      const found = [PERMISSION_FILE, APPROVAL_FILE].map((name) => readPolicyFile(path.join(root, name)));
      return Promise.resolve(sha256(JSON.stringify(found)));
    },
  };
}

/** Parses again only what has changed. */
function reader<Parsed>(root: string, name: string, parse: (text: string) => Parsed) {
  let last: { readonly text: string; readonly parsed: Parsed } | undefined;
  return async (): Promise<Parsed | AbsentFile | InvalidFile> => {
    const read = readPolicyFile(path.join(root, name));
    if (typeof read !== 'object') {
      if (last?.text !== read) last = { text: read, parsed: parse(read) };
      return last.parsed;
    }
    return read.problem === undefined ? { status: 'absent' } : invalidFile(name, read.problem);
  };
}

/** Its text, or why there is none; no problem where it is absent. In place: every run reads it, mostly from the page cache. */
function readPolicyFile(file: string): string | { readonly problem?: string } {
  let fd: number | undefined;
  try {
    // What is no regular file is not waited for.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(fd);
    if (!found.isFile()) return { problem: 'is no regular file' };
    if (found.size > MAX_POLICY_FILE_BYTES) return { problem: 'is larger than 1 MiB' };
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd));
  } catch (error) {
    if (isErrno(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) return { problem: 'is not UTF-8' };
    return isErrno(error, 'ENOENT') && isAbsent(file) ? {} : { problem: 'cannot be read' };
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
