/** Words of free text, and their forms: enough grammar for names and dates in English, Russian, Ukrainian and German. */

/** Case and plural endings that may follow a stem. */
const ENDINGS = new Set(
  (
    'а я у ю е є и і ї ы ь й ой ою ом ем ем єм ею ей єю ью ов ів ев ам ям ами ями ах ях ові еві ого ому ый ий ая ое ое ые ' +
    's es e n en er em'
  ).split(' '),
).add('');

/** Longer words are nobody's typing error, and comparing them would take long. */
const LONGEST_NAME = 60;

export interface Word {
  /** As it was written. */
  readonly text: string;
  /** For comparison: see `fold`. */
  readonly folded: string;
}

/** Lower case, composed, one kind of apostrophe, `ё` as `е`, without an English genitive. */
export function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll(/[’ʼ]/g, "'")
    .replace(/'s$/, '');
}

export function wordsOf(text: string): readonly Word[] {
  const found = text.normalize('NFKC').match(/[\p{L}\p{M}\p{N}]+(?:['’ʼ]\p{L}+)*/gu) ?? [];
  return found.map((word) => ({ text: word, folded: fold(word) }));
}

/** Whether a folded word is a form of `name`; in a name that ends in `~` any case ending may stand there. */
export function isForm(name: string, folded: string): boolean {
  if (!name.endsWith('~')) return folded === name;
  const stem = name.slice(0, -1);
  return folded.startsWith(stem) && ENDINGS.has(folded.slice(stem.length));
}

/** The word without its ending, where at least three letters are left: enough to count forms as one word. */
export function stemOf(folded: string): string {
  const ending = [4, 3, 2, 1].find(
    (length) => folded.length - length >= 3 && ENDINGS.has(folded.slice(-length)),
  );
  return ending === undefined ? folded : folded.slice(0, -ending);
}

export function isFormOfAny(names: readonly string[], folded: string): boolean {
  return names.some((name) => isForm(name, folded));
}

/** Whether any word of the text is a form of one of the names. */
export function mentions(text: string, names: readonly string[]): boolean {
  return wordsOf(text).some((word) => isFormOfAny(names, word.folded));
}

/** The candidates that differ from `word` by few letters, nearest first. */
export function nearest(word: string, candidates: readonly string[]): readonly string[] {
  if (word.length > LONGEST_NAME) return [];
  const reach = Math.max(1, Math.floor(word.length / 3));
  return candidates
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .filter(({ distance }) => distance <= reach)
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row[b.length] ?? 0;
}
