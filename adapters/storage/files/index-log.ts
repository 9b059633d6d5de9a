/** The log of an index: lines that were written since its snapshot. */
import { closeSync, fstatSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { isErrno, makeDir } from '../../files/files.ts';
import { readLog } from './index-lines.ts';
import type { LogLine } from './index-lines.ts';

/** Appends lines. Ignores errors, such as a full disk: documents without a line are read from the folder. */
export async function appendLines(file: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const bytes = Buffer.from(lines.join(''), 'latin1');
  try {
    append(file, bytes);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) return;
    await makeDir(path.dirname(file))
      .then(() => append(file, bytes))
      .catch(() => undefined);
  }
}

/** If the log was taken while it was open, it is no longer read, so the lines are also appended to the new one. */
function append(file: string, bytes: Uint8Array): void {
  for (let isTaken = true; isTaken;) {
    const fd = openSync(file, 'a', 0o600);
    try {
      writeSync(fd, bytes);
      isTaken = fstatSync(fd).ino !== statSync(file, { throwIfNoEntry: false })?.ino;
    } finally {
      closeSync(fd);
    }
  }
}

export function readLines(file: string): readonly LogLine[] {
  try {
    return readLog(readFileSync(file, 'latin1'));
  } catch {
    return []; // without lines, for any reason, documents are read
  }
}

/** Removes the log and returns all lines that were appended to it; see `append`. */
export function takeLines(file: string): readonly LogLine[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    unlinkSync(file);
    return readLog(readFileSync(fd, 'latin1'));
  } catch {
    return [];
  } finally {
    closeSync(fd);
  }
}
