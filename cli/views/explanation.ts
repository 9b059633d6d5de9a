/** Why the router chose a skill, for people; lines fit 80 columns. */
import type { Explanation } from '../../core/routing/explanation.ts';
import type { Routing } from '../../core/routing/routing.ts';

const MAX_WORDS = 8;
const MAX_LENGTH = 48;

type Candidate = Explanation['candidates'][number];

export function explanationLines(
  { candidates, minConfidence }: Explanation,
  routing: Routing,
): readonly string[] {
  return [
    `confidence: ${routing.confidence.toFixed(2)}, needed: ${minConfidence.toFixed(2)}`,
    ...routing.reasons.filter(isOfNoWord).map((reason) => `reason: ${reason}`),
    ...candidates.flatMap((candidate, at) => [
      `${at === 0 && 'skill' in routing ? 'chosen' : 'alternative'}: ${candidate.skill}`,
      ...candidateLines(candidate).map((line) => `  ${line}`),
    ]),
  ];
}

/** Words and similarities are shown for each skill. */
const isOfNoWord = (reason: string) => !/^(matches|has a synonym of|similar in meaning)\b/.test(reason);

function candidateLines(candidate: Candidate): readonly string[] {
  const { confidence, score, weight, matches, synonyms, similarity } = candidate;
  const words = matches.toSorted((a, b) => b.rarity - a.rarity).slice(0, MAX_WORDS);
  return [
    `confidence ${confidence.toFixed(2)}${score === undefined ? '' : `, score ${score.toFixed(2)}`}`,
    ...words.map(({ word, rarity }) => `matches "${cut(word)}" (rarity ${rarity.toFixed(2)})`),
    ...synonyms.slice(0, MAX_WORDS).map((word) => `has a synonym of "${cut(word)}"`),
    ...(similarity === undefined ? [] : [`similarity in meaning ${similarity.toFixed(2)}`]),
    ...(weight === 1 ? [] : [`feedback multiplies its score by ${weight.toFixed(2)}`]),
  ];
}

const cut = (word: string) => (word.length <= MAX_LENGTH ? word : `${word.slice(0, MAX_LENGTH)}…`);
