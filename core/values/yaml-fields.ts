/**
 * Edits single fields of a YAML text and keeps all other characters. Ours, because js-yaml writes no comments, and the
 * package yaml, which keeps them, reformats the file and hangs on hostile input.
 */

/** New values in YAML by field, several lines after a line break; undefined removes the field. */
export type FieldChanges = Readonly<Record<string, string | undefined>>;

export interface YamlText {
  readonly text: string;
  /** Line of each top-level field, from 1. */
  readonly lines: ReadonlyMap<string, number>;
}

const SINGLE_LINE =
  /^(.*?:)[ \t]*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#|>&*!{[][^#]*?|)([ \t]+#.*|[ \t]*)$/;

/**
 * Returns candidates for the edited text, with new fields after the last line with content or after the last line that
 * is not empty. Requires at least one field and one top-level field per line. Editing by lines does not cover all of
 * YAML, so the caller must parse the candidates and compare.
 */
export function editFields(source: YamlText, changes: FieldChanges): readonly string[] {
  const lines = source.text.split('\n'); // lines with CRLF keep their \r
  const end = /^.*\r\n/.test(source.text) ? '\r' : '';
  const indent = ' '.repeat(indentOf(lines[Math.min(...source.lines.values()) - 1] as string));
  for (const { at, value } of changesInReverse(source.lines, changes)) {
    const rest = lines.slice(at);
    lines.splice(at, heightOf(rest), ...rewritten(rest[0] as string, value));
  }
  const added = Object.entries(changes)
    .filter(([field, value]) => value !== undefined && !source.lines.has(field))
    .flatMap(([field, value]) => fieldLines(`${indent}${field}:`, value as string, ''));
  const places = new Set([
    lines.findLastIndex(isContent) + 1,
    lines.findLastIndex((line) => line !== '') + 1,
  ]);
  // If the last line was removed, the line break before it is removed too.
  return [...places].map((place) => inserted(lines, { place, added, end }).join('\n').replace(/\r$/, ''));
}

/** Ordered from the last line to the first, so that indexes of earlier lines stay valid; indexes are from 0. */
function changesInReverse(lines: ReadonlyMap<string, number>, changes: FieldChanges) {
  return [...lines]
    .filter(([field]) => Object.hasOwn(changes, field))
    .map(([field, line]) => ({ at: line - 1, value: changes[field] }))
    .sort((a, b) => b.at - a.at);
}

/** Number of lines of the field at the start: its own line and the indented lines below. */
function heightOf(lines: readonly string[]): number {
  const first = lines[0] as string;
  const isBlock = /:[ \t]*[|>]/.test(first);
  const isInside = (line: string) =>
    indentOf(line) > indentOf(first) && (isBlock || !line.trimStart().startsWith('#'));
  const next = lines.findIndex((line, index) => index > 0 && !isBlank(line) && !isInside(line));
  return lines.slice(0, next === -1 ? lines.length : next).findLastIndex((line) => !isBlank(line)) + 1;
}

/** Replaces the value, and keeps a comment after a value of one line. */
function rewritten(line: string, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const end = line.endsWith('\r') ? '\r' : '';
  const [, key = line.slice(0, line.indexOf(':') + 1), , comment = ''] =
    SINGLE_LINE.exec(line.trimEnd()) ?? [];
  return fieldLines(key, value, comment).map((text) => text + end);
}

/** The line of the field, and below it the further lines of its value, with the same indent. */
function fieldLines(key: string, value: string, comment: string): readonly string[] {
  const [first, ...rest] = value.split('\n') as [string, ...string[]];
  const indent = ' '.repeat(indentOf(key));
  return [`${key}${first && ` ${first}`}${comment}`, ...rest.map((line) => indent + line)];
}

interface Insertion {
  readonly place: number;
  readonly added: readonly string[];
  readonly end: string;
}

function inserted(lines: readonly string[], { place, added, end }: Insertion): readonly string[] {
  if (place < lines.length || added.length === 0) {
    return lines.toSpliced(place, 0, ...added.map((line) => line + end));
  }
  // A file without a line break at its end stays without one.
  const tail = [lines.at(-1) as string, ...added];
  return [...lines.slice(0, -1), ...tail.map((line, index) => (index < tail.length - 1 ? line + end : line))];
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}

function isContent(line: string): boolean {
  return !/^\s*(#.*)?$/.test(line) && !/^\.\.\.\s*$/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.replace(/^\ufeff/, '').trimStart().length - (line.startsWith('\ufeff') ? 1 : 0);
}

/** Adds items, each in YAML, below the last item of a block list, which is in the given line, from 1. The caller compares, as above. */
export function addItems(text: string, line: number, items: readonly string[]): string {
  const lines = text.split('\n');
  const last = lines[line - 1] as string;
  const dash = last.slice(0, last.length - last.replace(/^\s*-?\s*/, '').length);
  const end = last.endsWith('\r') ? '\r' : '';
  return lines.toSpliced(line, 0, ...items.map((item) => dash + item + end)).join('\n');
}
