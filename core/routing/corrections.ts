/** Corrections of people to the router: weights of skills, and the right skill of a known query. */
import type { SkillId } from '../values/skill-id.ts';
import type { RankingRules } from './ranking.ts';
import type { Routing, RoutingCandidate } from './routing.ts';

export interface Corrections extends Required<Pick<RankingRules, 'weightOf'>> {
  /** Changes with every correction; empty without any. */
  readonly version: string;
  /** Returns the skill that people named for this query, or for one that differs in a few words. */
  readonly correctedTo: (text: string) => SkillId | undefined;
}

/** Confidence in a skill that people named for the query. */
const CORRECTED_CONFIDENCE = 0.95;
const MAX_ALTERNATIVES = 3;

/** Returns the routing with the corrected skill, above the threshold; the router's own choice is the first alternative. */
export function withCorrection(routing: Routing, skill: SkillId, minConfidence: number): Routing {
  const confidence = Math.max(CORRECTED_CONFIDENCE, minConfidence);
  const ranked: readonly RoutingCandidate[] = [
    ...(routing.status === 'no_skill_found' ? [] : [routing]),
    ...routing.alternatives,
  ];
  const others = ranked
    .filter((other) => other.skill !== skill)
    .map((other) => ({ skill: other.skill, confidence: Math.min(other.confidence, 1 - confidence) }));
  return {
    status: 'routed',
    skill,
    confidence,
    alternatives: others.slice(0, MAX_ALTERNATIVES),
    reasons: ['corrected by feedback'],
  };
}
