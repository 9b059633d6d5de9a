/** Ranks scored skills: filters by rights and tags, and replaces deprecated skills. */
import type { RoutingIndex, RoutingSkill } from './routing-index.ts';
import type { SkillId } from '../values/skill-id.ts';

export interface RankingRules {
  /** Keeps skills with at least one of these tags, compared without case. */
  readonly tags?: readonly string[];
  /** Returns false for skills that the caller may not run. */
  readonly isAllowed?: (id: SkillId) => boolean;
  /** Factor for the score of a skill, for feedback; 1 is neutral. */
  readonly weightOf?: (id: SkillId) => number;
}

export interface Ranked {
  readonly id: SkillId;
  readonly score: number;
  /** Position in the index of the skill that was scored. */
  readonly row: number;
  /** The deprecated skill that was scored, if `id` replaces it. */
  readonly replaces?: SkillId;
}

/** Returns the first `limit` skills by score, then id. Omits skills with score 0. */
export function rankSkills(
  index: RoutingIndex,
  scores: Float32Array,
  rules: RankingRules & { readonly limit: number },
): readonly Ranked[] {
  const ranking: Ranked[] = [];
  const mayOffer = offerFilter(rules);
  let least = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    // Skips most skills before the filters.
    if (score <= 0 || (score < least && !rules.weightOf)) continue;
    const scored = index.skills[row] as RoutingSkill; // there is one score per skill
    const skill = scored.deprecated ? successorOf(index, scored) : scored;
    if (skill === undefined || !mayOffer(skill)) continue;
    const weighted = score * (rules.weightOf?.(skill.id) ?? 1);
    if (!(weighted > 0)) continue; // false for NaN too
    insert(ranking, { id: skill.id, score: weighted, row, ...(skill !== scored && { replaces: scored.id }) });
    if (ranking.length > rules.limit) ranking.pop();
    if (ranking.length === rules.limit) least = (ranking.at(-1) as Ranked).score;
  }
  return ranking;
}

/** Returns the skill that a request for `id` would get: itself or its replacement, if the rules allow it. */
export function offered(index: RoutingIndex, id: SkillId, rules: RankingRules): SkillId | undefined {
  const named = findSkill(index, id);
  const skill = named?.deprecated ? successorOf(index, named) : named;
  return skill !== undefined && offerFilter(rules)(skill) ? skill.id : undefined;
}

function offerFilter({ tags = [], isAllowed }: RankingRules): (skill: RoutingSkill) => boolean {
  const wanted = new Set(tags.map((tag) => tag.trim().toLowerCase()));
  return (skill) =>
    (wanted.size === 0 || skill.tags.some((tag) => wanted.has(tag))) && (isAllowed?.(skill.id) ?? true);
}

/** Follows replacements to a skill that is not deprecated; undefined if there is none. */
function successorOf(index: RoutingIndex, deprecated: RoutingSkill): RoutingSkill | undefined {
  const passed = new Set<RoutingSkill>();
  let skill: RoutingSkill | undefined = deprecated;
  while (skill?.deprecated) {
    if (passed.has(skill)) return undefined;
    passed.add(skill);
    skill = skill.replacement && findSkill(index, skill.replacement);
  }
  return skill;
}

function findSkill({ skills }: RoutingIndex, id: SkillId): RoutingSkill | undefined {
  let low = 0;
  let high = skills.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((skills[middle] as RoutingSkill).id < id) low = middle + 1;
    else high = middle;
  }
  return skills[low]?.id === id ? skills[low] : undefined;
}

/** Inserts in order; a skill is kept once, with its best score. */
function insert(ranking: Ranked[], ranked: Ranked): void {
  const same = ranking.findIndex(({ id }) => id === ranked.id);
  if (same >= 0) {
    if ((ranking[same] as Ranked).score >= ranked.score) return;
    ranking.splice(same, 1);
  }
  const at = ranking.findIndex((other) => isBefore(ranked, other));
  ranking.splice(at < 0 ? ranking.length : at, 0, ranked);
}

function isBefore(a: Ranked, b: Ranked): boolean {
  return a.score > b.score || (a.score === b.score && a.id < b.id);
}
