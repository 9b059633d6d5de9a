/**
 * The rankers with which routing is compared: plain BM25 and the predecessor's algorithm. Compact, for the
 * benchmark only.
 */
import type { RoutingDocument } from '../core/routing/routing-index.ts';
import { analyse } from '../core/routing/text.ts';

/** The best three ids for a query. */
export type Ranker = (query: string) => readonly string[];

const SATURATION = 1.2;
const LENGTH_PENALTY = 0.75;

/** BM25 over one bag of stems: name, description, tags and examples alike. */
export function bm25Ranker(documents: readonly RoutingDocument[]): Ranker {
  const bags = documents.map((document) => ({ id: document.id, stems: stemsOf(textOf(document)) }));
  const frequencies = new Map<string, number>();
  for (const { stems } of bags) {
    for (const stem of new Set(stems)) frequencies.set(stem, (frequencies.get(stem) ?? 0) + 1);
  }
  const average = bags.reduce((sum, { stems }) => sum + stems.length, 0) / bags.length;
  const profiles = bags.map(({ id, stems }) => {
    const counts = new Map<string, number>();
    for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
    return {
      id,
      counts,
      norm: SATURATION * (1 - LENGTH_PENALTY + (LENGTH_PENALTY * stems.length) / average),
    };
  });
  return (query) => {
    const stems = new Set(stemsOf(query));
    return bestThree(profiles, ({ counts, norm }) => {
      let score = 0;
      for (const stem of stems) {
        const count = counts.get(stem);
        if (count === undefined) continue;
        const frequency = frequencies.get(stem) ?? 0;
        const rarity = Math.log(1 + (bags.length - frequency + 0.5) / (frequency + 0.5));
        score += (rarity * count * (SATURATION + 1)) / (count + norm);
      }
      return score;
    });
  };
}

const HEAVY = new Set('summarize summary summarise convert itinerary quote margin'.split(' '));
const MEDIUM = new Set(
  `exchange rate rates logistics shipping delivery hotel hotels flight flights tender tenders procurement expenses
   expense web search document requirements certification pricelist price prices`.split(/\s+/),
);

/** Weighted overlap of ASCII tokens and their singulars with id, name, description and tags (and examples, if any). */
export function predecessorRanker(documents: readonly RoutingDocument[]): Ranker {
  const profiles = documents.map((document) => ({
    id: document.id,
    tokens: tokensOf(`${document.id} ${textOf(document)}`),
  }));
  return (query) => {
    const tokens = [...tokensOf(query)];
    const total = Math.max(
      1,
      tokens.reduce((sum, token) => sum + weightOf(token), 0),
    );
    return bestThree(profiles, (profile) => {
      return (
        tokens.reduce((sum, token) => sum + (profile.tokens.has(token) ? weightOf(token) : 0), 0) / total
      );
    });
  };
}

function weightOf(token: string): number {
  if (HEAVY.has(token)) return 3;
  return MEDIUM.has(token) ? 2 : 1;
}

function tokensOf(text: string): ReadonlySet<string> {
  const tokens = new Set<string>();
  for (const token of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
    tokens.add(token);
    if (token.endsWith('ies') && token.length > 4) tokens.add(`${token.slice(0, -3)}y`);
    else if (/[^s]s$/.test(token) && token.length > 3) tokens.add(token.slice(0, -1));
  }
  return tokens;
}

function stemsOf(text: string): readonly string[] {
  return analyse(text).terms.map(({ stem }) => stem);
}

function textOf({ name, description, tags, examples }: RoutingDocument): string {
  return [name, description, ...tags, ...examples].join(' ');
}

function bestThree<Profile extends { readonly id: string }>(
  profiles: readonly Profile[],
  scoreOf: (profile: Profile) => number,
): readonly string[] {
  return profiles
    .map((profile) => ({ id: profile.id, score: scoreOf(profile) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map(({ id }) => id);
}
