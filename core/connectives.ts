/** Words that join orders in one request, in English, Russian, Ukrainian and German, and where they stand in a text. */

/**
 * `next`, `before`: the right comes behind the left. `after`: the left behind the right. The last two may also open the
 * text: "after a, b". `and`: in no order, as is what a comma separates, a `list`.
 */
export type ConnectiveKind = 'next' | 'after' | 'before' | 'and' | 'list';

export interface Connective {
  readonly kind: ConnectiveKind;
  /** As it was written. */
  readonly word: string;
  /** Where it begins and ends, with the punctuation and spaces around it. */
  readonly start: number;
  readonly end: number;
}

/** Longer ones first: what is matched is the first that fits. A space stands for any, a comma may stand before it. */
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
/** "next" is one after a comma only: "next Tuesday". */
const SIGNS =
  '(?<arrow>->|=>|→)|(?<ampersand>(?<=\\s)&(?=\\s))|(?<following>(?<=[,;.]\\s*)next)|(?<comma>[,;](?=\\s))';
const EDGE_BEFORE = '(?<![\\p{L}\\p{N}_-])';
const EDGE_AFTER = '(?![\\p{L}\\p{N}_-])';
const CONNECTIVE = new RegExp(`[\\s,;.]*(?:${EDGE_BEFORE}(?:${WORDS})${EDGE_AFTER}|${SIGNS})[\\s,]*`, 'giu');
/** What is quoted or in brackets belongs to one order, and so does the text behind a colon or a blank line. */
const ENCLOSED =
  /"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`|\([^()]*\)|\[[^\][]*\]|\{[^{}]*\}|(?::\s|\n\s*\n)[^]*/gu;

/** In the order of the text. */
export function connectivesOf(text: string): readonly Connective[] {
  const enclosed = [...text.matchAll(ENCLOSED)].map(
    ({ index, 0: all }) => [index, index + all.length] as const,
  );
  return [...text.matchAll(CONNECTIVE)]
    .map((match) => connectiveOf(match))
    .filter(({ start, end }) => !enclosed.some(([from, to]) => start >= from && end <= to));
}

function connectiveOf({ index, 0: all, groups: named }: RegExpExecArray): Connective {
  const groups = named as Readonly<Record<string, string | undefined>>; // the pattern names some
  const { arrow, following, ampersand, comma } = groups;
  const place = { start: index, end: index + all.length };
  for (const kind of KINDS) {
    const word = groups[kind];
    if (word !== undefined) return { kind, word, ...place };
  }
  const sign = arrow ?? following;
  if (sign !== undefined) return { kind: 'next', word: sign, ...place };
  return ampersand === undefined
    ? { kind: 'list', word: comma as string, ...place } // the last there is
    : { kind: 'and', word: ampersand, ...place };
}

/** `после того как` also as `после того, как`. */
function patternOf(phrases: string): string {
  return phrases.trim().replaceAll('\n', '|').replaceAll(' ', ',?\\s+');
}
