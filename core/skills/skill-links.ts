/** References between skills: replacements and rollbacks. */
import type { Finding, SkillEntry } from './catalog.ts';
import type { SkillId } from '../values/skill-id.ts';

type Skills = ReadonlyMap<SkillId, SkillEntry>;
type Problem = Pick<Finding, 'severity' | 'rule' | 'message'>;

/** Returns findings about references; they have no line numbers. */
export function reviewLinks(skills: Skills): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { id: skill, file, manifest } of skills.values()) {
    const replacement = manifest.replacement_id && reviewReplacement(skill, manifest.replacement_id, skills);
    const rollback = manifest.rollback && reviewRollback(skill, manifest.rollback, skills);
    if (replacement) findings.push({ ...replacement, file, skill, field: 'replacement_id' });
    if (rollback) findings.push({ ...rollback, file, skill, field: 'rollback' });
  }
  return findings;
}

/** True if following replacements from `from` reaches `target`, also if both are equal. */
export function isReplacedBy(from: SkillId, target: SkillId, skills: Skills): boolean {
  const seen = new Set<SkillId>();
  let id: SkillId | null | undefined = from;
  while (id && !seen.has(id)) {
    if (id === target) return true;
    seen.add(id);
    id = skills.get(id)?.manifest.replacement_id;
  }
  return false;
}

function reviewReplacement(skill: SkillId, target: SkillId, skills: Skills): Problem | undefined {
  const replacement = skills.get(target);
  if (replacement === undefined) {
    return { severity: 'warning', rule: 'replacement_unknown', message: `there is no skill "${target}"` };
  }
  if (isReplacedBy(target, skill, skills)) {
    return { severity: 'error', rule: 'replacement_cycle', message: `"${target}" leads back to this skill` };
  }
  if (!replacement.manifest.deprecated) return undefined;
  return { severity: 'warning', rule: 'replacement_deprecated', message: `"${target}" is deprecated itself` };
}

function reviewRollback(skill: SkillId, target: SkillId, skills: Skills): Problem | undefined {
  const rollback = skills.get(target);
  if (target === skill) {
    return { severity: 'error', rule: 'rollback_itself', message: 'a skill cannot undo itself' };
  }
  if (rollback === undefined) {
    return { severity: 'error', rule: 'rollback_unknown', message: `there is no skill "${target}"` };
  }
  if (rollback.composition !== undefined) {
    return { severity: 'error', rule: 'rollback_composed', message: 'expected a skill with code of its own' };
  }
  if (!rollback.manifest.deprecated) return undefined;
  return { severity: 'warning', rule: 'rollback_deprecated', message: `"${target}" is deprecated` };
}
