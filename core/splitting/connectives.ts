/** Finds the connectives between instructions of a query, in English, Russian, Ukrainian and German. */

/**
 * `next` and `before`: the right side runs after the left. `after`: the left side runs after the right. `before` and
 * `after` may also begin the text: "after a, b". `and` and `list` (a comma): both sides run in parallel.
 */
export type ConnectiveKind = 'next' | 'after' | 'before' | 'and' | 'list';

export interface Connective {
  readonly kind: ConnectiveKind;
  /** The connective as written in the text. */
  readonly word: string;
  /** Offsets in the text, including the punctuation and spaces around the word. */
  readonly start: number;
  readonly end: number;
}

/** Longer phrases come first, because the pattern takes the first match. Each space matches an optional comma and white space. */
const PHRASES: Readonly<Record<Exclude<ConnectiveKind, 'list'>, string>> = {
  next: `
and then|then|and after that|after that|after this|after which|and afterwards|afterwards|followed by|and finally|finally
а затем|и затем|затем|а потом|и потом|потом|а после этого|и после этого|после этого|после чего|а далее|далее|а дальше
дальше|а потім|і потім|потім|а тоді|а далі|далі|після цього|після чого|згодом
und dann|dann|und danach|danach|und anschließend|anschließend`,
  after: `
as soon as|after|once|после того как|как только|после|після того як|щойно|після|nachdem|sobald`,
  before: `
prior to|before|прежде чем|перед тем как|до того как|перед|перш ніж|перед тим як|до того як|bevor`,
  and: `
and also|and|as well as|а также|и также|и|а також|і також|і|й|та|und auch|und|sowie`,
};

const KINDS = ['next', 'after', 'before', 'and'] as const;
const WORDS = KINDS.map((kind) => `(?<${kind}>${patternOf(PHRASES[kind])})`).join('|');
/** "next" counts only after a comma or a full stop, because of "next Tuesday". */
const SIGNS =
  '(?<arrow>->|=>|→)|(?<ampersand>(?<=\\s)&(?=\\s))|(?<following>next(?<=[,;.]\\s*next))|(?<comma>[,;](?=\\s))';
const EDGE_BEFORE = '(?<![\\p{L}\\p{N}_-])';
const EDGE_AFTER = '(?![\\p{L}\\p{N}_-])';
const CONNECTIVE = `[\\s,;.]*(?:${EDGE_BEFORE}(?:${WORDS})${EDGE_AFTER}|${SIGNS})[\\s,]*`;
/** Matched only at the end of the previous connective. */
const ADJACENT = new RegExp(CONNECTIVE, 'iuy');
/** Matches at the start of a run of spaces and signs only: trying every position would take quadratic time. */
const LATER = new RegExp(`(?<![\\s,;.])${CONNECTIVE}`, 'giu');
/** Text that is never split: in quotes, in brackets, after a colon, or after a blank line. */
const ENCLOSED =
  /"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`|\([^()]*\)|\[[^\][]*\]|\{[^{}]*\}|(?::\s|\n\s*\n)[^]*/gu;

/** Returns the connectives outside quotes and brackets, in the order of the text. */
export function connectivesOf(text: string): readonly Connective[] {
  const enclosed = [...text.matchAll(ENCLOSED)].map(
    ({ index, 0: all }) => [index, index + all.length] as const,
  );
  return matchesIn(text)
    .map((match) => connectiveOf(match))
    .filter(({ start, end }) => !enclosed.some(([from, to]) => start >= from && end <= to));
}

function matchesIn(text: string): readonly RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  for (let at = 0; ;) {
    ADJACENT.lastIndex = at;
    LATER.lastIndex = at;
    const match = ADJACENT.exec(text) ?? LATER.exec(text);
    if (match === null) return matches;
    matches.push(match);
    at = match.index + match[0].length; // never empty
  }
}

function connectiveOf({ index, 0: all, groups: named }: RegExpExecArray): Connective {
  const groups = named as Readonly<Record<string, string | undefined>>; // the pattern has named groups
  const { arrow, following, ampersand, comma } = groups;
  const place = { start: index, end: index + all.length };
  for (const kind of KINDS) {
    const word = groups[kind];
    if (word !== undefined) return { kind, word, ...place };
  }
  const sign = arrow ?? following;
  if (sign !== undefined) return { kind: 'next', word: sign, ...place };
  return ampersand === undefined
    ? { kind: 'list', word: comma as string, ...place } // the only sign left
    : { kind: 'and', word: ampersand, ...place };
}

/** Builds one alternation of the phrases; `после того как` also matches `после того, как`. */
function patternOf(phrases: string): string {
  return phrases.trim().replaceAll('\n', '|').replaceAll(' ', ',?\\s+');
}
