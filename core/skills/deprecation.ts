/** Checks the replacement of a deprecated skill. */
import type { SkillEntry } from './catalog.ts';
import { SkillosError } from '../errors/errors.ts';
import { isReplacedBy } from './skill-links.ts';
import type { SkillId } from '../values/skill-id.ts';

/** Throws `replacement_invalid` if the replacement does not exist, is the skill itself, is deprecated, or leads back to it. */
export function checkReplacement(
  id: SkillId,
  replacement: SkillId,
  skills: ReadonlyMap<SkillId, SkillEntry>,
): void {
  const problem = problemOf(id, replacement, skills);
  if (problem === undefined) return;
  throw new SkillosError('replacement_invalid', `Cannot replace "${id}" by "${replacement}": ${problem}`);
}

function problemOf(
  id: SkillId,
  replacement: SkillId,
  skills: ReadonlyMap<SkillId, SkillEntry>,
): string | undefined {
  if (replacement === id) return 'it is the same skill';
  const target = skills.get(replacement);
  if (target === undefined) return 'there is no such skill';
  if (isReplacedBy(replacement, id, skills)) return 'it is replaced by that skill itself';
  return target.manifest.deprecated ? 'it is deprecated itself' : undefined;
}
