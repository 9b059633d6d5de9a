/** Which skill a request means: a ranking of the skills by evidence, and how far to trust it. */
import { confidenceOf } from './confidence.ts';
import type { RankingSigns } from './confidence.ts';
import { rankSkills } from './ranking.ts';
import type { Ranked, RankingRules } from './ranking.ts';
import { hasWord, queryEvidence, scoreSkills, spellingEvidence } from './routing-evidence.ts';
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
const MEANINGFUL = 0.1;

/** Pure and deterministic: equal evidence is ordered by id. */
export function routeQuery(index: RoutingIndex, query: RoutingQuery): Routing {
  const evidence = queryEvidence(index, analyse(query.text, index.languages));
  const ranking = rankSkills(index, scoreSkills(index, evidence), { ...query, limit: 1 + MAX_ALTERNATIVES });
  const [best] = ranking;
  if (best === undefined) return NO_SKILL_FOUND;
  const matched = evidence.words.filter((word) => hasWord(index, word, best.row));
  const answer = { ranking, best, matched };
  const confidence = confidenceOf(signsOf(index, evidence, answer));
  if (matched.length === 0 && confidence < MEANINGFUL) return NO_SKILL_FOUND;
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
  readonly matched: readonly QueryWord[];
}

function signsOf(
  index: RoutingIndex,
  evidence: QueryEvidence,
  { ranking, best, matched }: Answer,
): RankingSigns {
  const total = rarityOf(evidence.words);
  const known = evidence.words.filter(({ inProfiles, inExamples }) => inProfiles >= 0 || inExamples >= 0);
  return {
    best: best.score,
    next: ranking[1]?.score ?? 0,
    matched: total && rarityOf(matched) / total,
    known: total && rarityOf(known) / total,
    spelling: spellingEvidence(index, evidence, best.row),
  };
}

function rarityOf(words: readonly QueryWord[]): number {
  return words.reduce((sum, { rarity }) => sum + rarity, 0);
}

/** Each gets what the best leaves over, by its share of the evidence, and never more than the best. */
function alternativesOf({ ranking, best }: Answer, confidence: number): readonly RoutingCandidate[] {
  const others = ranking.slice(1).map(({ id, score }) => ({ id, likelihood: Math.exp(score - best.score) }));
  const total = others.reduce((sum, { likelihood }) => sum + likelihood, 0);
  const unit = Math.min(confidence, (1 - confidence) / total);
  return others.map(({ id, likelihood }) => ({ skill: id, confidence: likelihood * unit }));
}

function reasonsOf({ matched, best: { replaces } }: Answer): readonly string[] {
  const words = [...matched].sort((a, b) => b.rarity - a.rarity).slice(0, MAX_REASONS);
  const reasons = words.map(({ word }) => `matches "${word}"`);
  if (matched.length === 0) reasons.push('resembles the request in spelling only');
  return replaces ? [`replaces deprecated ${replaces}`, ...reasons] : reasons;
}
