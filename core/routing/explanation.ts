/** Explains a routing result: what each of its skills has in common with the query, in words and numbers. */
import type { JsonObject } from '../json.ts';
import type { SkillId } from '../values/skill-id.ts';
import { rankSkills } from './ranking.ts';
import { hasMeaning, hasWord, queryEvidence, scoreSkills } from './routing-evidence.ts';
import type { RoutingIndex } from './routing-index.ts';
import { withMeaning } from './similarity.ts';
import type { Routing, RoutingCandidate, RoutingQuery } from './routing.ts';
import { analyse } from './text.ts';

export interface Explanation {
  /** The chosen skill, then the alternatives. */
  readonly candidates: readonly ExplainedCandidate[];
  /** A lower confidence gives the status `low_confidence`. */
  readonly minConfidence: number;
}

interface ExplainedCandidate extends RoutingCandidate {
  /** The evidence of the words, of the similarity and of feedback; absent if the router did not rank the skill. */
  readonly score?: number;
  /** Factor of feedback in the score; 1 is neutral. */
  readonly weight: number;
  /** Words of the query that the skill contains, with their rarity among the skills. */
  readonly matches: readonly { readonly word: string; readonly rarity: number }[];
  /** Words of the query for which the skill contains a synonym. */
  readonly synonyms: readonly string[];
  /** Similarity in meaning, 0 to 1; absent if no embedding model was asked. */
  readonly similarity?: number;
}

/** `query` is that of the routing. Names no skill that the routing does not name. */
export function explainRouting(index: RoutingIndex, query: RoutingQuery, routing: Routing): Explanation {
  const candidates = [...('skill' in routing ? [routing] : []), ...routing.alternatives];
  const shown = new Set<SkillId>(candidates.map(({ skill }) => skill));
  const evidence = queryEvidence(index, analyse(query.text));
  const scores = withMeaning(scoreSkills(index, evidence), query.similarity);
  const rules = { ...query, isAllowed: (id: SkillId) => shown.has(id), limit: candidates.length };
  const ranked = new Map(rankSkills(index, scores, rules).map((one) => [one.id, one]));
  const explained = candidates.map(({ skill, confidence }): ExplainedCandidate => {
    const weight = query.weightOf?.(skill) ?? 1;
    const found = ranked.get(skill);
    if (found === undefined) return { skill, confidence, weight, matches: [], synonyms: [] };
    const { row, score } = found;
    const matches = evidence.words.filter((word) => hasWord(index, word, row));
    const related = evidence.words.filter((word) => !matches.includes(word) && hasMeaning(index, word, row));
    const similarity = query.similarity?.[row];
    const known = {
      skill,
      confidence,
      score,
      weight,
      matches: matches.map(({ word, rarity }) => ({ word, rarity })),
      synonyms: related.map(({ word }) => word),
    };
    return similarity === undefined ? known : Object.assign(known, { similarity });
  });
  return { candidates: explained, minConfidence: query.minConfidence };
}

/** The field `explanation` of `run --json --explain`. */
export function explanationDocument({ candidates, minConfidence }: Explanation): JsonObject {
  return {
    min_confidence: minConfidence,
    candidates: candidates.map(({ matches, synonyms, ...numbers }) => ({
      ...numbers,
      matches: matches.map(({ word, rarity }) => ({ word, rarity })),
      synonyms,
    })),
  };
}
