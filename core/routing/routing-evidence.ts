/** Scores skills for a query, by adding up the postings of all indexes. */
import { indexOfSorted } from './postings.ts';
import type { FeatureList, Postings } from './postings.ts';
import {
  conceptFeatures,
  gramFeatures,
  pairFeatures,
  phraseFeatures,
  stemFeature,
} from './routing-features.ts';
import type { RoutingIndex } from './routing-index.ts';
import { termWeight } from './sparse-vectors.ts';
import type { AnalysedText, Term } from './text.ts';

/** A word of the query and its positions in the vocabularies; -1 if it is missing there. */
export interface QueryWord {
  readonly word: string;
  readonly rarity: number;
  readonly inProfiles: number;
  /** Positions of its concepts in the vocabulary of profiles. */
  readonly concepts: readonly number[];
  readonly inExamples: number;
}

/** A query in one index: positions of known features, and their weights. */
interface QueryVector {
  readonly positions: readonly number[];
  readonly weights: readonly number[];
}

export interface QueryEvidence {
  readonly words: readonly QueryWord[];
  readonly profileWords: QueryVector;
  readonly profileGrams: QueryVector;
  readonly exampleWords: QueryVector;
  readonly exampleGrams: QueryVector;
}

/** Share of a word's weight that goes to its concepts, fitted with the weights in routing-index.ts. */
const CONCEPT_SHARE = 0.5;

export function queryEvidence(index: RoutingIndex, query: AnalysedText): QueryEvidence {
  const words = queryWords(index, query.terms);
  const grams = gramFeatures(query.words);
  return {
    words,
    profileWords: attainableShares(words),
    profileGrams: unitVector(index.profileGrams, grams),
    exampleWords: unitVector(index.exampleWords, phraseFeatures(query.words, index.concepts)),
    exampleGrams: unitVector(index.exampleGrams, grams),
  };
}

/**
 * Returns the score of each skill, in the order of the index. Scores are log-odds: `exp` of a difference is the ratio
 * of the likelihoods of two skills.
 */
export function scoreSkills(index: RoutingIndex, query: QueryEvidence): Float32Array {
  const scores = new Float32Array(index.skills.length);
  addSimilarity(index.profileWords, query.profileWords, scores);
  addSimilarity(index.profileGrams, query.profileGrams, scores);
  addSimilarity(index.exampleWords, query.exampleWords, scores);
  addSimilarity(index.exampleGrams, query.exampleGrams, scores);
  return scores;
}

/** True if profile or examples of the skill contain the word. */
export function hasWord({ profileWords, exampleWords }: RoutingIndex, word: QueryWord, row: number): boolean {
  return hasRow(profileWords, word.inProfiles, row) || hasRow(exampleWords, word.inExamples, row);
}

/** True if the profile of the skill contains a synonym of the word. */
export function hasMeaning({ profileWords }: RoutingIndex, word: QueryWord, row: number): boolean {
  return word.concepts.some((concept) => hasRow(profileWords, concept, row));
}

/** True if the examples of the skill contain two neighbouring words of the query. */
export function sharesPhrase({ exampleWords }: RoutingIndex, { words }: AnalysedText, row: number): boolean {
  return pairFeatures(words).some((pair) => {
    return hasRow(exampleWords, indexOfSorted(exampleWords.vocabulary, pair), row);
  });
}

function queryWords(index: RoutingIndex, terms: readonly Term[]): readonly QueryWord[] {
  const { profileWords, exampleWords } = index;
  const words = new Map<string, QueryWord>();
  for (const { word, stem } of terms) {
    if (words.has(stem)) continue;
    const feature = stemFeature(stem);
    const inProfiles = indexOfSorted(profileWords.vocabulary, feature);
    const inExamples = indexOfSorted(exampleWords.vocabulary, feature);
    const concepts = conceptFeatures(stem, index.concepts)
      .map((concept) => indexOfSorted(profileWords.vocabulary, concept))
      .filter((position) => position >= 0);
    const rarity = inProfiles < 0 ? profileWords.rarest : (profileWords.rarity[inProfiles] as number);
    words.set(stem, { word, rarity, inProfiles, inExamples, concepts });
  }
  return [...words.values()];
}

/** Weights that add up to 1 over all words; unknown words weigh as much as the rarest. */
function attainableShares(words: readonly QueryWord[]): QueryVector {
  const attainable = totalRarity(words);
  const positions: number[] = [];
  const weights: number[] = [];
  for (const { rarity, inProfiles, concepts } of words) {
    const share = rarity / attainable;
    if (inProfiles >= 0) {
      positions.push(inProfiles);
      weights.push(concepts.length === 0 ? share : share * (1 - CONCEPT_SHARE));
    }
    for (const position of concepts) {
      positions.push(position);
      weights.push((share * CONCEPT_SHARE) / concepts.length);
    }
  }
  return { positions, weights };
}

export function totalRarity(words: readonly QueryWord[]): number {
  return words.reduce((sum, { rarity }) => sum + rarity, 0);
}

function unitVector(postings: Postings, { features }: FeatureList): QueryVector {
  const positions: number[] = [];
  const weights: number[] = [];
  let squares = 0;
  for (const [feature, count] of countsOf(features)) {
    const position = indexOfSorted(postings.vocabulary, feature);
    const weight = termWeight(count, position < 0 ? postings.rarest : (postings.rarity[position] as number));
    squares += weight * weight;
    if (position < 0) continue;
    positions.push(position);
    weights.push(weight);
  }
  const length = Math.sqrt(squares);
  return { positions, weights: weights.map((weight) => weight / length) };
}

function countsOf(features: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  return counts;
}

// The type assertions below hold because positions and rows come from the index itself.

function addSimilarity(postings: Postings, query: QueryVector, scores: Float32Array): void {
  const { starts, rows, values } = postings;
  for (let index = 0; index < query.positions.length; index++) {
    const position = query.positions[index] as number;
    const weight = query.weights[index] as number;
    const end = starts[position + 1] as number;
    for (let at = starts[position] as number; at < end; at++) {
      const row = rows[at] as number;
      scores[row] = (scores[row] as number) + weight * (values[at] as number);
    }
  }
}

function hasRow({ starts, rows }: Postings, position: number, row: number): boolean {
  if (position < 0) return false;
  const within = { from: starts[position] as number, to: starts[position + 1] as number };
  return indexOfSorted(rows, row, within) >= 0;
}
