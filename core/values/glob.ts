/**
 * Shell patterns for ids and permissions: `*` any text including `/`, `?` one character, `[a-z]` and `[!a-z]` one of a
 * set. Ours, because minimatch and picomatch are for paths and compile a pattern to a regular expression, whose time
 * is not bounded for a pattern with many stars.
 */

type OneCharacter = (character: string) => boolean;

/** Returns a case-sensitive matcher. Its time is at most proportional to the product of both lengths. */
export function globMatcher(glob: string): (text: string) => boolean {
  const parts = partsOf(Array.from(glob));
  return (text) => matches(parts, Array.from(text));
}

/** On a mismatch only the last star is extended by one character; earlier stars never need a second attempt. */
function matches(parts: readonly (OneCharacter | '*')[], characters: readonly string[]): boolean {
  let part = 0;
  let at = 0;
  let star: { readonly part: number; at: number } | undefined;
  while (at < characters.length) {
    const current = parts[part];
    if (current === '*') {
      star = { part: part++, at };
    } else if (current?.(characters[at] as string)) {
      part++;
      at++;
    } else if (star !== undefined) {
      part = star.part + 1;
      at = ++star.at;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === '*');
}

function partsOf(glob: readonly string[]): readonly (OneCharacter | '*')[] {
  const parts: (OneCharacter | '*')[] = [];
  const lastEnd = glob.lastIndexOf(']'); // no later bracket opens a set either; without this check the search would take quadratic time
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] as string;
    const end = character === '[' && at < lastEnd ? endOfSet(glob, at) : -1;
    if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else if (end < 0) parts.push((other) => other === character);
    else {
      parts.push(setOf(glob.slice(at + 1, end)));
      at = end;
    }
  }
  return parts;
}

/** Returns the index of the closing bracket, or -1 if `[` is a literal. A `]` in first position is a member of the set. */
function endOfSet(glob: readonly string[], open: number): number {
  const first = glob[open + 1] === '!' ? open + 2 : open + 1;
  return glob.indexOf(']', first + 1);
}

function setOf(inside: readonly string[]): OneCharacter {
  const isNegated = inside[0] === '!';
  const members = isNegated ? inside.slice(1) : inside;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] as string;
    const to = members[at + 1] === '-' ? members[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== isNegated;
}
