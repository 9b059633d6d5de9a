/** Logs as JSON-lines files: `<dir>/<log>.jsonl`, one write for the appends that come together. */
import { fstatSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { SkillosError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Journal } from '../core/ports.ts';
import { inBatches } from './batches.ts';
import { closing, closingFd, isErrno, makeDir, storageError, syncData, syncFolder } from './files.ts';
import { partsOfLog } from './state-names.ts';

type Piece = Awaited<ReturnType<Journal['read']>>;

/** One call of `read` takes about this much, and always at least one entry. */
const READ_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
/**
 * Begins every line: white space to JSON, and a byte that JSON text never holds otherwise. A writer that dies in its
 * write leaves a line without its end, and whoever appends next goes on in that line; the tab tells where the torn
 * entry ends, with no need to look before the write, to cut anything off or to hold a lock (the idea of RFC 7464).
 */
const TAB = 0x09;

/** For processes of one host; folders and files are made as needed. Positions are byte offsets. */
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
      const onFault = (error: SkillosError): void => {
        if (onCorrupt === undefined) throw error;
        onCorrupt();
      };
      return { entries: entriesOf(bytes, log, onFault), next: after + bytes.length };
    },
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

/** Writing the rest could put another writer's entry in the middle of ours, so a part counts as torn. */
function partlyWritten(log: string): SkillosError {
  return new SkillosError(
    'storage_unreachable',
    `Cannot append to the log ${JSON.stringify(log)}: only a part could be written; is the disk full?`,
  );
}

/** Whole lines from `after` on; empty at the end of the log, where a line may be unfinished. */
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

function entriesOf(lines: Buffer, log: string, onFault: (error: SkillosError) => void): Piece['entries'] {
  const entries: JsonObject[] = [];
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(NEWLINE, start);
    try {
      entries.push(entryOf(lines.subarray(start, end)));
    } catch (error) {
      onFault(corrupt(log, error));
    }
    start = end + 1;
  }
  return entries;
}

/** The entry that the line ends with; what stands before its tab was torn and never acknowledged. */
function entryOf(line: Buffer): JsonObject {
  const tab = line.lastIndexOf(TAB);
  if (tab < 0) throw new SyntaxError('A line without its mark');
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line.subarray(tab))) as JsonObject;
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
