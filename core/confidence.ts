/** How likely the best skill is the one meant: a logistic function of what the ranking shows. */

export interface RankingSigns {
  /** Evidence of the best skills, best first. */
  readonly scores: readonly number[];
  /** Share of the query's words, by rarity, that the best skill has. */
  readonly matched: number;
  /** Share of the query's words, by rarity, that any skill has. */
  readonly known: number;
  /** How many words of the query carry evidence. */
  readonly words: number;
}

/**
 * Fitted on public intent and tool sets, whole and cut down to a few skills, with a fifth of the requests meant for
 * none of them. Known words that the best skill lacks speak against it.
 */
const LOGIT = { bias: -4.96, strength: 1.35, share: 4.32, matched: 1.51, known: -1.81, length: 0.55 };

/** A probability, 0 to 1. */
export function confidenceOf({ scores, matched, known, words }: RankingSigns): number {
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
  return words === 0 ? probability / 2 : probability; // stop words alone are not enough
}
