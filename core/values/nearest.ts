/** Suggests a candidate for a mistyped word. */
import { distance } from 'fastest-levenshtein';

/** True if at most one character is missing, added or replaced. */
export function isOneCharacterOff(text: string, other: string): boolean {
  return distance(text, other) <= 1;
}

/** Returns the candidate with the smallest edit distance, or undefined if it exceeds 2 and a third of the text. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, cost: distance(text, candidate) }));
  const best = ranked.sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))[0];
  return best !== undefined && best.cost <= Math.max(2, text.length / 3) ? best.candidate : undefined;
}
