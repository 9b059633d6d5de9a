/** Stores logs as JSON-lines files, `<dir>/<log>.jsonl`, with one write for appends that arrive together. */
import { isUtf8 } from 'node:buffer';
import { fstatSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Journal } from '../../../core/storage/journal.ts';
import { AUDIT_FIELDS, matchesWhere } from '../../../core/storage/record-index.ts';
import { inBatches } from '../batches.ts';
import {
  closing,
  closingFd,
  isErrno,
  makeDir,
  storageError,
  syncData,
  syncFolder,
} from '../../files/files.ts';
import { partsOfLog } from '../state-names.ts';
import { linesBackwards, linesOf } from './lines-backwards.ts';

type Piece = Awaited<ReturnType<Journal['read']>>;

/** Approximate size of one `read`, which returns at least one entry. */
const READ_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
/**
 * First byte of every line: white space in JSON, and never part of a JSON text. A writer that dies during its
 * write leaves an incomplete line, which the next append continues. The tab shows where the new entry begins,
 * so an append need not read the file, truncate it or hold a lock (the idea of RFC 7464).
 */
const TAB = 0x09;

/** For processes of one host; creates folders and files as needed. Positions are byte offsets. */
export function openFileJournal(dir: string): Journal {
  const append = inBatches<readonly JsonObject[], void>(async (log, batches) => {
    const lines = batches.flat().map((entry) => `\t${JSON.stringify(entry)}\n`);
    await appendBytes(fileOf(dir, log), Buffer.from(lines.join('')), log);
    return batches.map(() => undefined);
  });
  return {
    append: async (log, entries) => {
      partsOfLog(log);
      if (entries.length > 0) await append(log, entries);
    },
    read: async (log, after = 0, onCorrupt) => {
      const bytes = await readLines(fileOf(dir, log), after, log);
      return { entries: entriesIn(linesOf(bytes), log, faultsOf(onCorrupt)), next: after + bytes.length };
    },
    async *readBack(log, { where = {}, onCorrupt } = {}) {
      for await (const lines of linesBackwards(fileOf(dir, log), log, where)) {
        const entries = entriesIn(lines, log, faultsOf(onCorrupt));
        yield entries.filter((entry) => matchesWhere({ fields: AUDIT_FIELDS }, entry, where));
      }
    },
  };
}

function faultsOf(onCorrupt: (() => void) | undefined) {
  return (error: SkillosError): void => {
    if (onCorrupt === undefined) throw error;
    onCorrupt();
  };
}

function fileOf(dir: string, log: string): string {
  return `${path.join(dir, ...partsOfLog(log))}.jsonl`;
}

async function appendBytes(file: string, bytes: Uint8Array, log: string): Promise<void> {
  try {
    const fd = await openForAppend(file);
    await closingFd(fd, async () => {
      const { size } = fstatSync(fd);
      if (writeSync(fd, bytes) < bytes.length) throw partlyWritten(log);
      await syncData(fd);
      if (size === 0) await syncFolder(path.dirname(file));
    });
  } catch (error) {
    throw storageError(`Cannot append to the log ${JSON.stringify(log)}`, error);
  }
}

async function openForAppend(file: string): Promise<number> {
  try {
    return openSync(file, 'a', 0o600);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    await makeDir(path.dirname(file));
    return openSync(file, 'a', 0o600);
  }
}

/** The rest is not written, because another writer's entry may stand between; the part counts as incomplete. */
function partlyWritten(log: string): SkillosError {
  return new SkillosError(
    'storage_full',
    `Cannot append to the log ${JSON.stringify(log)}: only a part could be written; is the disk full?`,
  );
}

/** Returns complete lines from `after` on; empty at the end of the log, where a line may be incomplete. */
async function readLines(file: string, after: number, log: string): Promise<Buffer> {
  try {
    const handle = await open(file, 'r');
    return await closing(handle, async () => {
      for (let size = READ_BYTES; ; size *= 2) {
        const left = Math.max(0, (await handle.stat()).size - after);
        const buffer = Buffer.allocUnsafe(Math.min(size, left));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, after);
        const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
        if (end > 0 || bytesRead < size) return buffer.subarray(0, end);
      }
    });
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return Buffer.alloc(0);
    throw storageError(`Cannot read the log ${JSON.stringify(log)}`, error);
  }
}

function entriesIn(
  lines: readonly Buffer[],
  log: string,
  onFault: (error: SkillosError) => void,
): Piece['entries'] {
  const entries: JsonObject[] = [];
  for (const line of lines) {
    try {
      entries.push(entryOf(line));
    } catch (error) {
      onFault(corrupt(log, error));
    }
  }
  return entries;
}

/**
 * Returns the entry at the end of the line; text before its tab is an incomplete entry that was never
 * acknowledged.
 */
function entryOf(line: Buffer): JsonObject {
  const tab = line.lastIndexOf(TAB);
  if (tab < 0) throw new SyntaxError('A line without its mark');
  const text = line.subarray(tab);
  if (!isUtf8(text)) throw new SyntaxError('No UTF-8');
  const value: unknown = JSON.parse(text.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('No object');
  return value as JsonObject; // parsed from JSON
}

function corrupt(log: string, cause: unknown): SkillosError {
  return new SkillosError(
    'state_corrupt',
    `The log ${JSON.stringify(log)} holds a line that is not an entry`,
    {
      details: { log },
      cause,
    },
  );
}
