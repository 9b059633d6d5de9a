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
}

/**
 * Coefficients of a logistic regression on BANKING77, HWU64, BFCL live and the Home Assistant intents (en, de, uk),
 * complete and reduced to a few skills, with a fifth of the queries for none of the skills. The fitting script is not
 * kept; `npm run bench -- routing --data <dir>` measures the calibration error on the same sets. `known` is
 * negative: known words that the best skill lacks lower the confidence.
 */
const LOGIT = { bias: -4.96, strength: 1.35, share: 4.32, matched: 1.51, known: -1.81, length: 0.55 };

/** Returns the probability, 0 to 1, that the best skill is the expected one. */
export function confidenceOf({ scores, matched, known, words }: ConfidenceFeatures): number {
  const best = Math.max(...scores);
  const rivals = scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
  const logit =
    LOGIT.bias +
    LOGIT.strength * Math.log(0.5 + best) +
    LOGIT.share / rivals +
    LOGIT.matched * matched +
    LOGIT.known * known +
    LOGIT.length * Math.log(1 + words);
  const probability = 1 / (1 + Math.exp(-logit));
  return words === 0 ? probability / 2 : probability; // a query of stop words only
}
