/**
 * Text of an index of documents. Both of its files are read as Latin-1, which stands for the bytes of the UTF-8 text.
 *
 * A snapshot line is `<key> TAB <state> { TAB <JSON string of a field> }`; lines are sorted by key, the greatest first.
 * A log line is a snapshot line with the folder's versions before and after the write and a CRC-32 of the rest. A log
 * line whose CRC differs does not count: it was torn or changed. It begins with a line feed, which ends a torn line.
 */
import { crc32 } from 'node:zlib';
import type { RecordIndex, Where } from '../../../core/storage/record-index.ts';

/** State of a document that exists or may exist, and that has to be read. */
export const OPEN = 'open';
/** State of a document whose fields are those of the line. Any other state than these three is a version of the file. */
export const SETTLED = 'settled';
/** State of a document that was removed. */
export const GONE = 'gone';

const TAB = '\t';

export interface LogLine {
  readonly key: string;
  /** The snapshot line that this line replaces. */
  readonly line: string;
  /** Versions of the folder around the write; empty strings for lines that come from a reader. */
  readonly before: string;
  readonly after: string;
}

export function snapshotLine(key: string, state: string, values: readonly string[]): string {
  return [key, state, ...values.map((value) => latin1(JSON.stringify(value)))].join(TAB);
}

export function logLine(line: string, before = '', after = ''): string {
  const text = [before, after, line].join(TAB);
  return `\n${text}${TAB}${checksum(text)}`;
}

/** Returns the complete lines of a log, in order. */
export function readLog(text: string): readonly LogLine[] {
  return text.split('\n').flatMap((written) => {
    const end = written.lastIndexOf(TAB);
    if (end < 0 || checksum(written.slice(0, end)) !== written.slice(end + 1)) return [];
    const [before = '', after = '', key = ''] = written.split(TAB, 3);
    return { key, before, after, line: written.slice(before.length + after.length + 2, end) };
  });
}

export function stateOf(line: string, key: string): string {
  const end = line.indexOf(TAB, key.length + 1);
  return line.slice(key.length + 1, end < 0 ? undefined : end);
}

export function keyOf(line: string): string {
  return line.slice(0, line.indexOf(TAB));
}

/** Returns a pattern for the fields at the end of a line of a document that matches. */
export function fieldsPattern({ fields }: RecordIndex, where: Where): string {
  const columns = Object.keys(fields).map((name) => {
    const values = where[name];
    return values === undefined ? String.raw`[^\t\n]*` : `(?:${values.map(literal).join('|') || '(?!)'})`;
  });
  return columns.map((column) => String.raw`\t${column}`).join('');
}

/**
 * The lines of a snapshot from `at` on that match by their fields or that are not settled. One pattern over the whole
 * text costs less than cutting it into lines.
 */
export function* linesOf(snapshot: string, at: number, fields: string): Generator<string> {
  const pattern = new RegExp(
    String.raw`\n([^\t\n]+\t(?:${SETTLED}${fields}(?=\n)|(?!${SETTLED}\t)[^\n]*))`,
    'g',
  );
  pattern.lastIndex = at;
  for (let match = pattern.exec(snapshot); match !== null; match = pattern.exec(snapshot)) {
    yield match[1] as string;
  }
}

/** Returns the place in the snapshot from which all keys are smaller than `key`. */
export function placeBelow(snapshot: string, key: string): number {
  let [low, high] = [0, snapshot.length - 1]; // places of line feeds; the text begins and ends with one
  while (low < high) {
    const begin = snapshot.lastIndexOf('\n', (low + high) >>> 1);
    const end = snapshot.indexOf('\n', begin + 1);
    if (snapshot.slice(begin + 1, snapshot.indexOf(TAB, begin)) < key) high = begin;
    else low = end;
  }
  return low;
}

function literal(value: string): string {
  return latin1(JSON.stringify(value)).replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function checksum(text: string): string {
  return crc32(Buffer.from(text, 'latin1')).toString(36);
}
