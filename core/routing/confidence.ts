/** The confidence of a routing result: a logistic function of features of the ranking. */

export interface ConfidenceFeatures {
  /** Scores of the best skills, in descending order. */
  readonly scores: readonly number[];
  /** Share of the query's words, weighted by rarity, that the best skill contains. */
  readonly matched: number;
  /** Share of the query's words, weighted by rarity, that any skill contains. */
  readonly known: number;
  /** Number of words of the query without stop words and numbers. */
  readonly words: number;
  /** Similarity in meaning of the best skill, 0 to 1; absent without an embedding model. */
  readonly closeness?: number | undefined;
}

/**
 * Coefficients of a logistic regression on BANKING77, HWU64, BFCL live and the Home Assistant intents (en, de, uk),
 * complete and reduced to a few skills, with a fifth of the queries for none of the skills. The fitting script is not
 * kept; `npm run bench -- routing --data <dir>` measures the calibration error on the same sets. `known` is
 * negative: known words that the best skill lacks lower the confidence.
 */
const BY_WORDS: Coefficients = [-4.96, 1.35, 4.32, 1.51, -1.81, 0.55, 0];

/**
 * The same with an embedding model, fitted on BANKING77 and HWU64, complete and reduced to a few skills, with the model of `skillos models install` by
 * `npm run bench -- routing --embeddings --fit`.
 */
const WITH_MEANING: Coefficients = [-4.24, -0.65, 4.85, 0.93, -0.66, 0.07, 4.45];

/** One for each value of `inputsOf`. */
type Coefficients = readonly number[];

/** Returns the probability, 0 to 1, that the best skill is the expected one. */
export function confidenceOf(features: ConfidenceFeatures): number {
  const { words, closeness } = features;
  const coefficients = closeness === undefined ? BY_WORDS : WITH_MEANING;
  const inputs = inputsOf(features);
  const logit = coefficients.reduce((sum, coefficient, at) => sum + coefficient * (inputs[at] as number), 0);
  const probability = 1 / (1 + Math.exp(-logit));
  return words === 0 && closeness === undefined ? probability / 2 : probability; // a query of stop words only
}

/** Returns the inputs of the regression: constant, strength, distance to the next skills, words in common, known words, length, meaning. */
export function inputsOf({
  scores,
  matched,
  known,
  words,
  closeness = 0,
}: ConfidenceFeatures): readonly number[] {
  const best = Math.max(...scores);
  const rivals = scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
  return [1, Math.log(0.5 + best), 1 / rivals, matched, known, Math.log(1 + words), closeness];
}
