/** Reads a small text file that people edit. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import path from 'node:path';
import { isErrno } from './files.ts';

/** The text of a file, or the problem of reading it; an absent file has no problem. */
export type TextRead = string | { readonly problem?: string };

/** Two writes within one tick of the kernel's clock can leave the same times. */
export const CLOCK_TICK_MS = 50;

/**
 * The function returned reads the file at the first call, and again if `stat` of the file, or of the folder of an absent
 * file, shows a change. So an edit applies to the next call, which costs a few microseconds otherwise.
 */
export function openTextFile(file: string, maxBytes: number): () => TextRead {
  let last: { readonly stamp: string; readonly read: TextRead } | undefined;
  return () => {
    const stamp = stampOf(file);
    if (stamp !== undefined && last?.stamp === stamp) return last.read;
    const read = readTextFile(file, maxBytes);
    last = stamp === undefined ? undefined : { stamp, read };
    return read;
  };
}

/** Identifies the content without reading it. Returns undefined if the content may change under the same stamp. */
export function stampOf(file: string): string | undefined {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (found !== undefined) return stampText('file', found);
    const folder = lstatSync(path.dirname(file), { bigint: true, throwIfNoEntry: false });
    if (folder === undefined) return 'no folder';
    return folder.isDirectory() ? stampText('no file', folder) : undefined;
  } catch {
    return undefined; // such as a folder that cannot be searched
  }
}

function stampText(
  what: string,
  { ctimeNs, ctimeMs, mtimeNs, size, ino, dev }: BigIntStats,
): string | undefined {
  if (ctimeMs > BigInt(Date.now() - CLOCK_TICK_MS)) return undefined;
  return [what, ctimeNs, mtimeNs, size, ino, dev].join(' ');
}

/** Synchronous, because every run and every delivery reads such files, mostly from the page cache. */
export function readTextFile(file: string, maxBytes: number): TextRead {
  let fd: number | undefined;
  try {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(fd);
    if (!found.isFile()) return { problem: 'is not a regular file' };
    if (found.size > maxBytes) return { problem: `is larger than ${maxBytes / 1024 / 1024} MiB` };
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd));
  } catch (error) {
    if (isErrno(error, 'ERR_ENCODING_INVALID_ENCODED_DATA')) return { problem: 'is not UTF-8' };
    return isErrno(error, 'ENOENT') && isAbsent(file) ? {} : { problem: 'cannot be read' };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A dangling link is not an absent file. */
function isAbsent(file: string): boolean {
  const folder = path.dirname(file);
  if (pathExists(() => lstatSync(file))) return false;
  return pathExists(() => statSync(folder)) || !pathExists(() => lstatSync(folder));
}

function pathExists(look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch (error) {
    return !isErrno(error, 'ENOENT');
  }
}
