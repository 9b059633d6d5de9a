/**
 * A document in a file: the first version as plain JSON, later ones appended as a sequence of JSON texts (RFC 7464), of
 * which the last whole one stands. An append costs the disk one flush, where replacing the file costs it two and a
 * rename. A writer that dies in its append leaves a text without its end, which the next one's mark closes.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { SkillosError } from '../core/errors.ts';
import { appendDurable, isErrno, makeDir, storageError, syncFolder, writeAtomic } from './files.ts';

/** Begins a later version: a byte that JSON text never holds. */
const MARK = 0x1e;
const NEWLINE = 0x0a;
/** A file may grow to this, or to a few versions of a large document; then the last one replaces them. */
const MAX_BYTES = 64 * 1024;
const MAX_LARGE_VERSIONS = 4;

export interface DocumentFile {
  readonly file: string;
  /** For messages. */
  readonly name: string;
}

/** What is stored: the text of the last version, and the bytes of all of them. */
export interface StoredText {
  readonly text: Uint8Array;
  readonly size: number;
}

/** Documents are small and mostly in the page cache, so reading one in place beats the trips to the thread pool. */
export function readDocument({ file, name }: DocumentFile): StoredText | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw storageError(`Cannot read ${name}`, error);
  }
  return { text: lastVersion(bytes), size: bytes.length };
}

/** The first version was stored whole, so it counts also without its line end. */
function lastVersion(bytes: Buffer): Buffer {
  for (let end = bytes.length; ;) {
    const mark = bytes.subarray(0, end).lastIndexOf(MARK);
    if (mark < 0 || bytes[end - 1] === NEWLINE) return bytes.subarray(mark + 1, end);
    end = mark;
  }
}

/** Durable when it resolves; `stored` is what stands there. On an error that stays, and the folder is made as needed. */
export async function writeDocument(
  { file }: DocumentFile,
  text: string,
  stored: StoredText | undefined,
): Promise<void> {
  const line = Buffer.from(`${text}\n`);
  const grown = (stored?.size ?? 0) + 1 + line.length;
  if (stored !== undefined && grown <= Math.max(MAX_BYTES, MAX_LARGE_VERSIONS * line.length)) {
    await appendDurable(file, Buffer.concat([Buffer.of(MARK), line]), stored.size);
  } else {
    await replace(file, line);
  }
}

async function replace(file: string, line: Uint8Array): Promise<void> {
  try {
    await writeAtomic(file, line);
  } catch (error) {
    if (!(error instanceof SkillosError && isErrno(error.cause, 'ENOENT'))) throw error;
    await makeDir(path.dirname(file));
    await writeAtomic(file, line);
  }
}

export async function removeDocument({ file, name }: DocumentFile): Promise<void> {
  try {
    await unlink(file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    throw storageError(`Cannot remove ${name}`, error);
  }
}
