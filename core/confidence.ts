/** How likely the best skill is the one meant: a logistic function of what the ranking shows. */

export interface RankingSigns {
  /** Evidence of the best skill and of the next best, 0 where there is none. */
  readonly best: number;
  readonly next: number;
  /** Share of the query's words, by rarity, that the best skill has. */
  readonly matched: number;
  /** Share of the query's words, by rarity, that any skill has. */
  readonly known: number;
  /** What of the evidence of the best skill comes from character n-grams. */
  readonly spelling: number;
}

// Fitted on public intent and tool sets, whole and cut down to a few skills, together with requests that none of the
// skills was made for. See docs/routing.md for how to measure what they are worth on other skills.
const CONSTANTS = { bias: -4, best: 0.3, margin: 0.5, matched: 2, known: 0.5, spelling: 1 };

export function confidenceOf(signs: RankingSigns): number {
  const odds =
    CONSTANTS.bias +
    CONSTANTS.best * signs.best +
    CONSTANTS.margin * (signs.best - signs.next) +
    CONSTANTS.matched * signs.matched +
    CONSTANTS.known * signs.known +
    CONSTANTS.spelling * signs.spelling;
  return 1 / (1 + Math.exp(-odds));
}
