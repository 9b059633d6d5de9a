/** Changes single fields of a YAML text and leaves every other character as it is. */

/** The new value as YAML, or `undefined` to remove the field. */
export type FieldChanges = Readonly<Record<string, string | undefined>>;

export interface YamlText {
  readonly text: string;
  /** From 1: where each top-level field begins. */
  readonly lines: ReadonlyMap<string, number>;
}

const SINGLE_LINE =
  /^(.*?:)[ \t]*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#|>&*!{[][^#]*?|)([ \t]+#.*|[ \t]*)$/;

/**
 * Two readings of where new fields go: after the last line with content, and after the last that is not empty. There
 * must be a field, and fields must stand one a line at the top level; lines cannot tell everything about YAML, so the
 * caller must parse what comes back.
 */
export function editFields(source: YamlText, changes: FieldChanges): readonly string[] {
  const lines = source.text.split('\n'); // a line of Windows keeps its \r
  const end = /^.*\r\n/.test(source.text) ? '\r' : '';
  const indent = ' '.repeat(indentOf(lines[Math.min(...source.lines.values()) - 1] as string));
  for (const { at, value } of changesInReverse(source.lines, changes)) {
    const rest = lines.slice(at);
    lines.splice(at, heightOf(rest), ...rewritten(rest[0] as string, value));
  }
  const added = Object.entries(changes)
    .filter(([field, value]) => value !== undefined && !source.lines.has(field))
    .map(([field, value]) => `${indent}${field}: ${value}`);
  const places = new Set([
    lines.findLastIndex(isContent) + 1,
    lines.findLastIndex((line) => line !== '') + 1,
  ]);
  // Where the last line goes, so does the break of the line before it.
  return [...places].map((place) => inserted(lines, { place, added, end }).join('\n').replace(/\r$/, ''));
}

/** From the last line to the first, so that earlier places, from 0, stay true. */
function changesInReverse(lines: ReadonlyMap<string, number>, changes: FieldChanges) {
  return [...lines]
    .filter(([field]) => Object.hasOwn(changes, field))
    .map(([field, line]) => ({ at: line - 1, value: changes[field] }))
    .sort((a, b) => b.at - a.at);
}

/** How many lines the field that begins here takes: its own and what is indented below it. */
function heightOf(lines: readonly string[]): number {
  const first = lines[0] as string;
  const isBlock = /:[ \t]*[|>]/.test(first);
  const isInside = (line: string) =>
    indentOf(line) > indentOf(first) && (isBlock || !line.trimStart().startsWith('#'));
  const next = lines.findIndex((line, index) => index > 0 && !isBlank(line) && !isInside(line));
  return lines.slice(0, next === -1 ? lines.length : next).findLastIndex((line) => !isBlank(line)) + 1;
}

/** Keeps the comment behind a value that stands on one line. */
function rewritten(line: string, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const end = line.endsWith('\r') ? '\r' : '';
  const [, key = line.slice(0, line.indexOf(':') + 1), , comment = ''] =
    SINGLE_LINE.exec(line.trimEnd()) ?? [];
  return [`${key} ${value}${comment}${end}`];
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
  // The file ends without a line break, and goes on doing so.
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
