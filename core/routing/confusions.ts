/** Which skills the router takes for each other, from golden queries. */
import type { JsonObject } from '../json.ts';
import type { SkillId } from '../values/skill-id.ts';
import type { RoutedQuery } from './routing-metrics.ts';

interface Confusion {
  readonly expected: SkillId;
  /** The skill that was first instead, at any confidence. */
  readonly routed: SkillId;
  readonly count: number;
  /** The first of its queries. */
  readonly examples: readonly string[];
}

export interface Confusions {
  /** The most frequent first, of equals by their ids. */
  readonly pairs: readonly Confusion[];
  /** Number of pairs that were left out. */
  readonly leftOut: number;
}

const MAX_PAIRS = 50;
const MAX_EXAMPLES = 3;
/** Characters of an example. */
const MAX_QUERY = 200;

/** Queries without an expected skill, and those for which no skill was found, confuse no two skills. */
export function confusionsIn(routed: readonly RoutedQuery[]): Confusions {
  const pairs = new Map<string, Confusion>();
  for (const { golden, routing } of routed) {
    const { expected, query } = golden;
    if (expected === null || routing.status === 'no_skill_found' || routing.skill === expected) continue;
    const key = `${expected} ${routing.skill}`;
    const { count, examples } = pairs.get(key) ?? { count: 0, examples: [] };
    const shown = examples.length < MAX_EXAMPLES ? [...examples, query.slice(0, MAX_QUERY)] : examples;
    pairs.set(key, { expected, routed: routing.skill, count: count + 1, examples: shown });
  }
  const sorted = [...pairs].sort(([a, m], [b, n]) => n.count - m.count || (a < b ? -1 : 1));
  return {
    pairs: sorted.slice(0, MAX_PAIRS).map(([, pair]) => pair),
    leftOut: Math.max(0, sorted.length - MAX_PAIRS),
  };
}

/** The fields that `metrics --golden --confusions` adds to its document. */
export function confusionFields({ pairs, leftOut }: Confusions): JsonObject {
  return { confusions: pairs.map((pair) => ({ ...pair })), confusions_left_out: leftOut };
}
