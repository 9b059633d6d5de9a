/**
 * A document in a file: the first version as plain JSON, later ones appended as a sequence of JSON texts (RFC
 * 7464). The last complete version counts. An append needs one flush to disk; replacing the file needs two
 * and a rename. A writer that dies during its append leaves an incomplete text, which ends at the mark of the
 * next version.
 */
import { Buffer } from 'node:buffer';
import { readFileSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { SkillosError } from '../../../core/errors/errors.ts';
import { appendDurable, isErrno, makeDir, storageError, syncFolder, writeAtomic } from '../../files/files.ts';

/** First byte of a later version; JSON text never contains it. */
const MARK = 0x1e;
const NEWLINE = 0x0a;
/** Maximum size of a file, or a few versions of a large document; then the last version replaces the file. */
const MAX_BYTES = 64 * 1024;
const MAX_LARGE_VERSIONS = 4;

export interface DocumentFile {
  readonly file: string;
  /** The name in error messages. */
  readonly name: string;
}

/** The text of the last version, and the size of all versions in bytes. */
export interface StoredText {
  readonly text: Uint8Array;
  readonly size: number;
}

/** Synchronous: documents are small and usually in the page cache, so this is faster than the thread pool. */
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

/** The first version was written atomically, so it counts without a line end too. */
function lastVersion(bytes: Buffer): Buffer {
  for (let end = bytes.length; ;) {
    const mark = bytes.subarray(0, end).lastIndexOf(MARK);
    if (mark < 0 || bytes[end - 1] === NEWLINE) return bytes.subarray(mark + 1, end);
    end = mark;
  }
}

/**
 * Durable when it resolves; `stored` is the present content, which remains on an error. Creates the folder if
 * necessary.
 */
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
  const folder = path.dirname(file);
  const tempFolder = tempFolderOf(folder);
  try {
    await writeAtomic(file, line, { tempFolder });
  } catch (error) {
    if (!(error instanceof SkillosError && isErrno(error.cause, 'ENOENT'))) throw error;
    await Promise.all([folder, tempFolder].map(makeDir));
    await writeAtomic(file, line, { tempFolder });
  }
}

/** Beside the folder of the documents, which changes only with its documents; the index of lists depends on that. */
export function tempFolderOf(folder: string): string {
  return path.join(path.dirname(folder), '.temp');
}

/** Durable when it resolves. */
export async function removeDocument(document: DocumentFile): Promise<void> {
  unlinkDocument(document);
  try {
    await syncFolder(path.dirname(document.file));
  } catch (error) {
    throw storageError(`Cannot remove ${document.name}`, error);
  }
}

/** Durable after `syncFolder`. */
export function unlinkDocument({ file, name }: DocumentFile): void {
  try {
    unlinkSync(file);
  } catch (error) {
    throw storageError(`Cannot remove ${name}`, error);
  }
}
