/** The best of the scored skills that may be offered: filtered, replacements in place of deprecated ones. */
import type { RoutingIndex, RoutingSkill } from './routing-index.ts';
import type { SkillId } from './skill-id.ts';

export interface RankingRules {
  /** Only skills with any of these tags, whatever the case. */
  readonly tags?: readonly string[];
  /** Hides skills that the caller may not run. */
  readonly isAllowed?: (id: SkillId) => boolean;
  /** Multiplies a skill's evidence: where feedback is folded in. 1 is neutral. */
  readonly weightOf?: (id: SkillId) => number;
}

export interface Ranked {
  readonly id: SkillId;
  readonly score: number;
  /** Where the evidence comes from: a position in the index. */
  readonly row: number;
  /** The deprecated skill whose evidence this is. */
  readonly replaces?: SkillId;
}

/** The first `limit` by score, then id. Skills without any evidence are left out. */
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
    // Most skills end here, before anything is asked about them.
    if (score <= 0 || (score < least && !rules.weightOf)) continue;
    const scored = index.skills[row] as RoutingSkill; // there is one score a skill
    const skill = scored.deprecated ? successorOf(index, scored) : scored;
    if (skill === undefined || !mayOffer(skill)) continue;
    const weighted = score * (rules.weightOf?.(skill.id) ?? 1);
    if (!(weighted > 0)) continue; // nor one that is no number
    insert(ranking, { id: skill.id, score: weighted, row, ...(skill !== scored && { replaces: scored.id }) });
    if (ranking.length > rules.limit) ranking.pop();
    if (ranking.length === rules.limit) least = (ranking.at(-1) as Ranked).score;
  }
  return ranking;
}

function offerFilter({ tags = [], isAllowed }: RankingRules): (skill: RoutingSkill) => boolean {
  const wanted = new Set(tags.map((tag) => tag.trim().toLowerCase()));
  return (skill) =>
    (wanted.size === 0 || skill.tags.some((tag) => wanted.has(tag))) && (isAllowed?.(skill.id) ?? true);
}

/** Follows replacements to a skill in use; `undefined` where they lead nowhere or in a circle. */
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

/** Keeps `ranking` in order, and each skill once, with its best score. */
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
