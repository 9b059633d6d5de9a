/** Routes a query to a skill: ranks the skills and estimates a confidence. */
import { confidenceOf } from './confidence.ts';
import type { ConfidenceFeatures } from './confidence.ts';
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
import { withMeaning } from './similarity.ts';
import type { Similarity } from './similarity.ts';
import type { SkillId } from '../values/skill-id.ts';
import { analyse } from './text.ts';
import type { AnalysedText } from './text.ts';

export interface RoutingQuery extends RankingRules {
  readonly text: string;
  /** A lower confidence gives the status `low_confidence`. */
  readonly minConfidence: number;
  /** The query compared with the skills of the index by an embedding model; absent if words alone decide. */
  readonly similarity?: Similarity;
}

export interface RoutingCandidate {
  readonly skill: SkillId;
  /** Probability, 0 to 1, that this is the expected skill. */
  readonly confidence: number;
}

interface Answered {
  readonly skill: SkillId;
  readonly confidence: number;
  /** The next best skills, at most three. */
  readonly alternatives: readonly RoutingCandidate[];
  /** Reasons for the skill, for people. */
  readonly reasons: readonly string[];
  /** The deprecated skill with the best score, if `skill` replaces it. */
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
  reasons: ['no skill contains a word of the query'],
};
const MAX_ALTERNATIVES = 3;
const MAX_REASONS = 8;
/** Skills that count in the distance of the best one, with an embedding model. */
const RIVALS_IN_MEANING = 20;
/** The best skills whose mean similarity shows whether there is a skill for the query; measured with bench/routing.ts. */
const CLOSEST = 8;
/** A lower confidence without a common word is taken for a chance match; chosen on the sets of bench/routing.ts. */
const MEANINGFUL = 0.05;
/** Less similar texts without a common word have nothing to do with each other. */
const CLOSE = 0.1;
/** Share of the best score within which other skills cannot be told apart from it, however well they match. */
const NEAR_TIE = 0.06;
/** The same with an embedding model, whose scores are higher and more precise. Feedback stays within both. */
const NEAR_TIE_IN_MEANING = 0.05;
/** Probability that one of the skills that cannot be told apart is the right one; measured on the sets of bench/routing.ts. */
const TIED_CONFIDENCE = 0.9;

/** Deterministic: skills with equal scores are ordered by id. */
export function routeQuery(index: RoutingIndex, query: RoutingQuery): Routing {
  const found = findBest(index, query);
  if (found === undefined) return NO_SKILL_FOUND;
  const { text, evidence, answer, features } = found;
  const { ranking, best, closeness } = answer;
  const nearTie = closeness === undefined ? NEAR_TIE : NEAR_TIE_IN_MEANING;
  const ties = ranking.filter(({ score }) => score > best.score * (1 - nearTie));
  const ceiling = ties.length > 1 ? TIED_CONFIDENCE / ties.length : 1;
  const confidence = Math.min(confidenceOf(features), ceiling);
  const isWordless = answer.matched.length + answer.related.length === 0;
  const isMeaningful = confidence >= MEANINGFUL && (closeness ?? 1) >= CLOSE;
  const isChance =
    evidence.words.length === 0 && closeness === undefined
      ? !sharesPhrase(index, text, best.row)
      : isWordless && !isMeaningful;
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

interface Found {
  readonly text: AnalysedText;
  readonly evidence: QueryEvidence;
  readonly answer: Answer;
  readonly features: ConfidenceFeatures;
}

/** Returns the best skills and what the confidence depends on; undefined if no skill has a score. */
export function findBest(index: RoutingIndex, query: Omit<RoutingQuery, 'minConfidence'>): Found | undefined {
  const text = analyse(query.text);
  const evidence = queryEvidence(index, text);
  const { similarity } = query;
  const scores = withMeaning(scoreSkills(index, evidence), similarity);
  const limit = similarity === undefined ? 1 + MAX_ALTERNATIVES : RIVALS_IN_MEANING;
  const rivals = rankSkills(index, scores, { ...query, limit });
  const [best] = rivals;
  if (best === undefined) return undefined;
  const ranking = rivals.slice(0, 1 + MAX_ALTERNATIVES);
  const closeness = similarity?.[best.row];
  const answer = { ranking, best, closeness, ...sharedWords(index, evidence, best.row) };
  const features = {
    scores: rivals.map(({ score }) => score),
    closeness: similarity && meanCloseness(similarity, rivals.slice(0, CLOSEST)),
    ...wordSigns(evidence, answer),
  };
  return { text, evidence, answer, features };
}

interface Answer {
  readonly ranking: readonly Ranked[];
  readonly best: Ranked;
  /** Of the best skill; absent without an embedding model. */
  readonly closeness: number | undefined;
  /** Words of the query that the best skill contains. */
  readonly matched: readonly QueryWord[];
  /** Words of the query for which the best skill contains a synonym. */
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

function meanCloseness(similarity: Similarity, skills: readonly Ranked[]): number {
  return skills.reduce((sum, { row }) => sum + (similarity[row] as number), 0) / skills.length; // one for each skill
}

function wordSigns(
  { words }: QueryEvidence,
  { matched }: Answer,
): Pick<ConfidenceFeatures, 'matched' | 'known' | 'words'> {
  const known = words.filter(({ inProfiles, inExamples }) => inProfiles >= 0 || inExamples >= 0);
  const shareOf = (some: readonly QueryWord[]): number =>
    some.length === 0 ? 0 : totalRarity(some) / totalRarity(words);
  return { matched: shareOf(matched), known: shareOf(known), words: words.length };
}

/** Distributes the remaining probability by likelihood; an alternative never exceeds the best skill. */
function alternativesOf({ ranking, best }: Answer, confidence: number): readonly RoutingCandidate[] {
  const others = ranking.slice(1).map(({ id, score }) => ({ id, likelihood: Math.exp(score - best.score) }));
  const total = others.reduce((sum, { likelihood }) => sum + likelihood, 0);
  const unit = Math.min(confidence, (1 - confidence) / total);
  return others.map(({ id, likelihood }) => ({ skill: id, confidence: likelihood * unit }));
}

function reasonsOf({ matched, related, closeness, best: { replaces } }: Answer): readonly string[] {
  const reasons = [
    ...(closeness === undefined ? [] : [`similar in meaning: ${closeness.toFixed(2)}`]),
    ...rarestFirst(matched).map(({ word }) => `matches "${word}"`),
    ...rarestFirst(related).map(({ word }) => `has a synonym of "${word}"`),
  ].slice(0, MAX_REASONS);
  if (reasons.length === 0) reasons.push('resembles the query in spelling only');
  return replaces ? [`replaces deprecated ${replaces}`, ...reasons] : reasons;
}

function rarestFirst(words: readonly QueryWord[]): readonly QueryWord[] {
  return [...words].sort((a, b) => b.rarity - a.rarity);
}
