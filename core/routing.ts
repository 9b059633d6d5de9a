/** Which skill a request means: a ranking of the skills by evidence, and how far to trust it. */
import { confidenceOf } from './confidence.ts';
import type { RankingSigns } from './confidence.ts';
import { rankSkills } from './ranking.ts';
import type { Ranked, RankingRules } from './ranking.ts';
import {
  hasMeaning,
  hasWord,
  queryEvidence,
  scoreSkills,
  sharesPhrase,
  totalRarity,
} from './routing-evidence.ts';
import type { QueryEvidence, QueryWord } from './routing-evidence.ts';
import type { RoutingIndex } from './routing-index.ts';
import type { SkillId } from './skill-id.ts';
import { analyse } from './text.ts';

export interface RoutingQuery extends RankingRules {
  readonly text: string;
  /** Below this confidence the answer is `low_confidence`. */
  readonly minConfidence: number;
}

export interface RoutingCandidate {
  readonly skill: SkillId;
  /** Probability that this is the skill meant, 0 to 1. */
  readonly confidence: number;
}

interface Answered {
  readonly skill: SkillId;
  readonly confidence: number;
  /** The next best, at most three. */
  readonly alternatives: readonly RoutingCandidate[];
  /** What spoke for the skill, for people. */
  readonly reasons: readonly string[];
  /** The deprecated skill that would have won. */
  readonly replaces?: SkillId;
}

export type Routing =
  | ({ readonly status: 'routed' | 'low_confidence' } & Answered)
  | {
      readonly status: 'no_skill_found';
      readonly confidence: 0;
      readonly alternatives: readonly RoutingCandidate[];
      readonly reasons: readonly string[];
    };

const NO_SKILL_FOUND: Routing = {
  status: 'no_skill_found',
  confidence: 0,
  alternatives: [],
  reasons: ['no skill has a word of the request'],
};
const MAX_ALTERNATIVES = 3;
const MAX_REASONS = 8;
/** Below this, with no word in common, a likeness is chance. */
const MEANINGFUL = 0.05;

/** Pure and deterministic: equal evidence is ordered by id. */
export function routeQuery(index: RoutingIndex, query: RoutingQuery): Routing {
  const text = analyse(query.text);
  const evidence = queryEvidence(index, text);
  const ranking = rankSkills(index, scoreSkills(index, evidence), { ...query, limit: 1 + MAX_ALTERNATIVES });
  const [best] = ranking;
  if (best === undefined) return NO_SKILL_FOUND;
  const answer = { ranking, best, ...sharedWords(index, evidence, best.row) };
  const confidence = confidenceOf(signsOf(evidence, answer));
  const isChance =
    evidence.words.length === 0
      ? !sharesPhrase(index, text, best.row)
      : answer.matched.length + answer.related.length === 0 && confidence < MEANINGFUL;
  if (isChance) return NO_SKILL_FOUND;
  return {
    status: confidence < query.minConfidence ? 'low_confidence' : 'routed',
    skill: best.id,
    confidence,
    alternatives: alternativesOf(answer, confidence),
    reasons: reasonsOf(answer),
    ...(best.replaces && { replaces: best.replaces }),
  };
}

interface Answer {
  readonly ranking: readonly Ranked[];
  readonly best: Ranked;
  /** The words that the best skill has. */
  readonly matched: readonly QueryWord[];
  /** Those that it has another word for. */
  readonly related: readonly QueryWord[];
}

function sharedWords(
  index: RoutingIndex,
  { words }: QueryEvidence,
  row: number,
): Pick<Answer, 'matched' | 'related'> {
  const matched = words.filter((word) => hasWord(index, word, row));
  return {
    matched,
    related: words.filter((word) => !matched.includes(word) && hasMeaning(index, word, row)),
  };
}

function signsOf({ words }: QueryEvidence, { ranking, matched }: Answer): RankingSigns {
  const known = words.filter(({ inProfiles, inExamples }) => inProfiles >= 0 || inExamples >= 0);
  const shareOf = (some: readonly QueryWord[]): number =>
    some.length === 0 ? 0 : totalRarity(some) / totalRarity(words);
  return {
    scores: ranking.map(({ score }) => score),
    matched: shareOf(matched),
    known: shareOf(known),
    words: words.length,
  };
}

/** Each gets what the best leaves over, by its share of the evidence, and never more than the best. */
function alternativesOf({ ranking, best }: Answer, confidence: number): readonly RoutingCandidate[] {
  const others = ranking.slice(1).map(({ id, score }) => ({ id, likelihood: Math.exp(score - best.score) }));
  const total = others.reduce((sum, { likelihood }) => sum + likelihood, 0);
  const unit = Math.min(confidence, (1 - confidence) / total);
  return others.map(({ id, likelihood }) => ({ skill: id, confidence: likelihood * unit }));
}

function reasonsOf({ matched, related, best: { replaces } }: Answer): readonly string[] {
  const reasons = [
    ...rarestFirst(matched).map(({ word }) => `matches "${word}"`),
    ...rarestFirst(related).map(({ word }) => `has another word for "${word}"`),
  ].slice(0, MAX_REASONS);
  if (reasons.length === 0) reasons.push('resembles the request in spelling only');
  return replaces ? [`replaces deprecated ${replaces}`, ...reasons] : reasons;
}

function rarestFirst(words: readonly QueryWord[]): readonly QueryWord[] {
  return [...words].sort((a, b) => b.rarity - a.rarity);
}
