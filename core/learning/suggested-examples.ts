/** Suggests examples for a manifest: what people really asked a skill, without near duplicates. */
import { areParaphrases, queryTerms } from './query-memory.ts';

export interface AskedQuery {
  readonly query: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface SuggestedExample {
  /** The newest wording. */
  readonly query: string;
  /** How often it was asked, in this or nearly the same words. */
  readonly times: number;
  /** ISO 8601. */
  readonly last: string;
}

/** Longer queries are payloads rather than examples. */
const MAX_CHARACTERS = 200;
/** Characters that no manifest may hold, and others that nobody sees. */
const INVISIBLE = /\p{C}/u;

interface Group extends SuggestedExample {
  readonly terms: readonly string[];
}

/** `known` are the present examples. The most frequent queries come first, of equals the newest. */
export function suggestExamples(
  asked: readonly AskedQuery[],
  { known, limit }: { readonly known: readonly string[]; readonly limit: number },
): readonly SuggestedExample[] {
  const knownTerms = known.map(queryTerms);
  const groups: Group[] = [];
  for (const { query, at } of [...asked].sort((a, b) => b.at.localeCompare(a.at))) {
    const text = query.trim().replace(/\s+/g, ' ');
    if (text.length > MAX_CHARACTERS || INVISIBLE.test(text)) continue;
    const terms = queryTerms(text);
    if (terms.length === 0 || knownTerms.some((each) => areParaphrases(each, terms))) continue;
    const row = groups.findIndex((group) => areParaphrases(group.terms, terms));
    const group = groups[row];
    if (group === undefined) groups.push({ query: text, times: 1, last: at, terms });
    else groups[row] = { ...group, times: group.times + 1 };
  }
  return groups
    .sort((a, b) => b.times - a.times || b.last.localeCompare(a.last))
    .slice(0, limit)
    .map(({ query, times, last }) => ({ query, times, last }));
}
