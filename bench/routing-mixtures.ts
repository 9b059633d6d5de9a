/** Variants of the routing sets: fewer examples, fewer skills, and queries for which there is no skill. */
import { withExamples } from './routing-sets.ts';
import type { RoutingSet } from './routing-sets.ts';

export const MOST_EXAMPLES = 5;

/** Each set without examples and, where it has some, with the first five of each skill. */
export function variants(sets: readonly RoutingSet[]): readonly RoutingSet[] {
  return sets.flatMap((set) => {
    const hasExamples = set.documents.some(({ examples }) => examples.length > 0);
    return (hasExamples ? [0, MOST_EXAMPLES] : [0]).map((count) => withExamples(set, count));
  });
}

/** Without every fifth skill, whose queries are out of scope then. */
export function withoutEveryFifth(set: RoutingSet): RoutingSet {
  const documents = set.documents.filter((_, at) => at % 5 !== 4);
  const left = new Set(documents.map(({ id }) => id));
  const golden = set.golden.map((item) => {
    return { ...item, expected: item.expected !== null && left.has(item.expected) ? item.expected : null };
  });
  return { ...set, documents, golden };
}

/** With the queries of sets from another field, one for every four of its own. */
export function withForeign(set: RoutingSet, sets: readonly RoutingSet[]): RoutingSet {
  const others = sets.filter((other) => (fieldOf(other) === 'banking') !== (fieldOf(set) === 'banking'));
  const queries = others.flatMap(({ golden }) => golden);
  const wanted = Math.min(queries.length, Math.ceil(set.golden.length / 4));
  const stride = Math.max(1, Math.floor(queries.length / wanted));
  const foreign = queries.filter((_, at) => at % stride === 0).slice(0, wanted);
  return { ...set, golden: [...set.golden, ...foreign.map(({ query }) => ({ query, expected: null }))] };
}

/** `banking77` → `banking`. The other fields overlap: their queries may well be in scope for one another. */
function fieldOf({ name }: RoutingSet): string {
  return /^[a-z]*/.exec(name)?.[0] ?? name;
}
