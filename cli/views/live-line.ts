/** The redrawn line of a live view as text for a terminal: cut to its width, with the characters that it can show. */

export interface Terminal {
  /** Cells of a line. */
  readonly columns: number;
  /** False if it shows only ASCII. */
  readonly hasUnicode: boolean;
  /** False for a terminal that cannot move its cursor, such as one for a screen reader. */
  readonly canRedraw: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the width each time, because a terminal may be resized. */
export function terminalOf(stream: object, env: Environment): Terminal {
  const { columns } = stream as { readonly columns?: unknown };
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  const isPlain = env['TERM'] === 'dumb' || env['TERM'] === 'linux';
  return {
    columns: typeof columns === 'number' && columns > 0 ? columns : 80,
    hasUnicode: !isPlain && (!locale || /utf-?8/i.test(locale)),
    canRedraw: env['TERM'] !== 'dumb',
  };
}

const FRAMES = { unicode: '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏', ascii: '|/-\\' };

/** Returns the mark of a waiting view and the text, at most one cell shorter than a line, so that it never wraps. */
export function liveLine(text: string, frame: number, { columns, hasUnicode }: Terminal): string {
  const frames = hasUnicode ? FRAMES.unicode : FRAMES.ascii;
  const line = `${frames[frame % frames.length]} ${text}`;
  return cut(hasUnicode ? line : asAscii(line), columns - 1, hasUnicode ? '…' : '...');
}

/** Returns what clears a line of `width` cells; a terminal that became narrower shows it on several rows. */
export function clearing(width: number, { columns }: Terminal): string {
  const above = Math.max(0, Math.ceil(width / columns) - 1);
  return above === 0 ? '\r\u001B[K' : `\r\u001B[${above}A\u001B[J`;
}

const ASCII: Readonly<Record<string, string>> = {
  '·': '-',
  '…': '...',
  '█': '#',
  '░': '.',
  '✓': 'ok',
  '✗': 'failed',
  '⏳': '*',
  '→': '->',
};

/** Replaces the characters of SkillOS that are not ASCII, and others by a question mark; colours stay. */
export function asAscii(text: string): string {
  return text.replace(/\P{ASCII}/gu, (character) => ASCII[character] ?? '?');
}

/** Ideographs, emoji and full-width forms take two cells. */
const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\uFF01-\uFF60]/u;
const CHARACTERS = new Intl.Segmenter();
/** Each character is one cell. The segmenter needs a thousand times as long. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Returns the number of cells that a text without control characters takes. */
export function widthOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  return charactersOf(text).reduce((sum, character) => sum + cellsOf(character), 0);
}

/** Characters as people see them, with their combining marks. */
function charactersOf(text: string): readonly string[] {
  if (PRINTABLE_ASCII.test(text)) return text.split('');
  return Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
}

function cellsOf(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}

/** Cuts a text to `cells`, with `end` in place of what is left out. */
export function cut(text: string, cells: number, end: string): string {
  if (widthOf(text) <= cells) return text;
  let width = end.length;
  if (width > cells) return '';
  let kept = '';
  for (const character of charactersOf(text)) {
    width += cellsOf(character);
    if (width > cells) break;
    kept += character;
  }
  return kept + end;
}
