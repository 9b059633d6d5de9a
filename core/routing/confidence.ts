/** The confidence of a routing result: a logistic function of features of the ranking, or with a model a product of two. */

export interface ConfidenceFeatures {
  /** Scores of the best skills, in descending order. */
  readonly scores: readonly number[];
  /** Share of the query's words, weighted by rarity, that the best skill contains. */
  readonly matched: number;
  /** Share of the query's words, weighted by rarity, that any skill contains. */
  readonly known: number;
  /** Number of words of the query without stop words and numbers. */
  readonly words: number;
  /** Mean similarity in meaning of the eight best skills, 0 to 1; absent without an embedding model. */
  readonly closeness?: number | undefined;
}

/**
 * Coefficients of a logistic regression on BANKING77, HWU64, BFCL live and the Home Assistant intents (en, de, uk),
 * complete and reduced to a few skills, with a fifth of the queries for none of the skills. The fitting script is not
 * kept; `npm run bench -- routing --data <dir>` measures the calibration error on the same sets. `known` is
 * negative: known words that the best skill lacks lower the confidence. In the order: constant, strength, distance to
 * the next skills, words in common, known words, length.
 */
const BY_WORDS: Coefficients = [-4.96, 1.35, 4.32, 1.51, -1.81, 0.55];

/**
 * With an embedding model: coefficients of the probability that there is a skill for the query, and of the probability
 * that the best one is it, if there is one. Fitted with the model of `skillos models install` on BANKING77, HWU64, BFCL live and the
 * English Home Assistant intents, with queries of other fields, by `npm run bench -- routing --embeddings --fit`.
 */
const IN_SCOPE: Coefficients = [-0.62, 15.13, -0.88];
const RIGHT: Coefficients = [-2.81, 5.9];

/** One for each input. */
type Coefficients = readonly number[];

/** Returns the probability, 0 to 1, that the best skill is the expected one. */
export function confidenceOf(features: ConfidenceFeatures): number {
  if (features.closeness !== undefined) {
    return logistic(IN_SCOPE, scopeInputs(features)) * logistic(RIGHT, choiceInputs(features));
  }
  const { scores, matched, known, words } = features;
  const strength = Math.log(0.5 + (scores[0] as number)); // there is a best skill
  const inputs = [1, strength, shareOfBest(scores), matched, known, Math.log(1 + words)];
  const probability = logistic(BY_WORDS, inputs);
  return words === 0 ? probability / 2 : probability; // a query of stop words only
}

/** Constant, meaning, length. Words in common are left out: with them, queries of another field are recognised less often. */
export function scopeInputs({ closeness, words }: ConfidenceFeatures): readonly number[] {
  return [1, closeness as number, Math.log(1 + words)]; // present with a model
}

/** Constant, distance to the next skills. */
export function choiceInputs({ scores }: ConfidenceFeatures): readonly number[] {
  return [1, shareOfBest(scores)];
}

export function logistic(coefficients: Coefficients, inputs: readonly number[]): number {
  const logit = coefficients.reduce((sum, coefficient, at) => sum + coefficient * (inputs[at] as number), 0);
  return 1 / (1 + Math.exp(-logit));
}

/** Share of the best skill in the likelihoods of all; scores are log-odds. */
function shareOfBest(scores: readonly number[]): number {
  const best = Math.max(...scores);
  return 1 / scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
}
