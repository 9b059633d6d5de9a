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
 * Two readings of where new fields go: after the last line with content, and at the very end. Fields must stand one a
 * line at the top level; lines cannot tell everything about YAML, so the caller must parse what comes back.
 */
export function editFields(source: YamlText, changes: FieldChanges): readonly string[] {
  const lines = source.text.split('\n'); // a line of Windows keeps its \r
  const added: string[] = [];
  const indent = indentOf(lines[Math.min(...source.lines.values()) - 1] ?? '');
  for (const [field, value] of inReverse(source.lines, changes)) {
    const at = source.lines.get(field);
    if (at !== undefined)
      lines.splice(at - 1, lengthAt(lines, at - 1), ...rewritten(lines[at - 1] ?? '', value));
    else if (value !== undefined) added.unshift(`${' '.repeat(indent)}${field}: ${value}`);
  }
  const ends = new Set([
    lines.findLastIndex(isContent) + 1,
    lines.at(-1) === '' ? lines.length - 1 : lines.length,
  ]);
  // Where the last line goes, so does the break of the line before it.
  return [...ends].map((end) => inserted(lines, end, added).join('\n').replace(/\r$/, ''));
}

function inserted(lines: readonly string[], at: number, added: readonly string[]): readonly string[] {
  const end = lines[0]?.endsWith('\r') ? '\r' : '';
  if (at < lines.length || added.length === 0)
    return lines.toSpliced(at, 0, ...added.map((line) => line + end));
  // The file ends without a line break, and goes on doing so.
  const tail = [lines.at(-1) ?? '', ...added];
  return [...lines.slice(0, -1), ...tail.map((line, index) => (index < tail.length - 1 ? line + end : line))];
}

/** From the last line to the first, so that earlier line numbers stay true. */
function inReverse(
  lines: ReadonlyMap<string, number>,
  changes: FieldChanges,
): [string, string | undefined][] {
  const last = Number.MAX_SAFE_INTEGER;
  const entries = Object.entries(changes).reverse();
  return entries.sort(([a], [b]) => (lines.get(b) ?? last) - (lines.get(a) ?? last));
}

/** How many lines the field at this index takes: its own and what is indented below it. */
function lengthAt(lines: readonly string[], index: number): number {
  const first = lines[index] ?? '';
  const isBlock = /:[ \t]*[|>]/.test(first);
  let end = index + 1;
  for (let next = end; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (line.trim() === '') continue;
    if (indentOf(line) <= indentOf(first) || (!isBlock && line.trimStart().startsWith('#'))) break;
    end = next + 1;
  }
  return end - index;
}

/** Keeps the comment behind a value that stands on one line. */
function rewritten(line: string, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const end = line.endsWith('\r') ? '\r' : '';
  const [, key, , comment] = SINGLE_LINE.exec(line.trimEnd()) ?? [];
  return [`${key ?? line.slice(0, line.indexOf(':') + 1)} ${value}${comment ?? ''}${end}`];
}

function isContent(line: string): boolean {
  return !/^\s*(#.*)?$/.test(line) && !/^\.\.\.\s*$/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.replace(/^\ufeff/, '').trimStart().length - (line.startsWith('\ufeff') ? 1 : 0);
}
